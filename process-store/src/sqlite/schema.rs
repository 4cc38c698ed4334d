//! What the tables look like, and how one file is told from any other.

/// The number by which SQLite files of ours are known: `proc`.
pub(super) const APPLICATION_ID: i64 = 0x7072_6f63;

/// The form of the file that is written, and the highest that is read.
pub(super) const FORMAT: i64 = 1;

/// Makes an empty file one of ours.
pub(super) const CREATE: &str = "
CREATE TABLE journal(
  row INTEGER PRIMARY KEY,
  process INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  last INTEGER NOT NULL,
  body BLOB NOT NULL,
  sum BLOB NOT NULL,
  UNIQUE(process, seq)
) STRICT;
CREATE TABLE snapshot(
  process INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL,
  head BLOB NOT NULL,
  body BLOB NOT NULL,
  sum BLOB NOT NULL
) STRICT;
CREATE TABLE process(
  id INTEGER PRIMARY KEY,
  uid BLOB NOT NULL UNIQUE,
  key TEXT UNIQUE,
  name TEXT NOT NULL,
  goal TEXT NOT NULL,
  template TEXT,
  tags TEXT NOT NULL,
  created TEXT NOT NULL,
  archived_at TEXT,
  search TEXT NOT NULL
) STRICT;
CREATE TABLE standing(
  id INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL,
  head BLOB NOT NULL,
  journal_bytes INTEGER NOT NULL,
  tail_bytes INTEGER NOT NULL,
  snapshot_bytes INTEGER NOT NULL,
  about INTEGER NOT NULL,
  is_busy INTEGER NOT NULL,
  next_wake_at INTEGER,
  waits INTEGER NOT NULL,
  status TEXT NOT NULL,
  progress INTEGER NOT NULL,
  updated TEXT NOT NULL,
  runs INTEGER NOT NULL,
  is_over INTEGER NOT NULL,
  owner INTEGER,
  let_go INTEGER
) STRICT;
CREATE INDEX standing_let_go ON standing(let_go) WHERE let_go IS NOT NULL;
CREATE INDEX standing_open ON standing(id) WHERE runs AND NOT is_over;
CREATE TABLE meta(
  one INTEGER PRIMARY KEY CHECK(one = 1),
  next_number INTEGER NOT NULL,
  next_driver INTEGER NOT NULL,
  leaves INTEGER NOT NULL,
  active INTEGER,
  is_indexed INTEGER NOT NULL
) STRICT;
CREATE TABLE driver(
  id INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  command TEXT,
  since TEXT NOT NULL
) STRICT;
INSERT INTO meta VALUES(1, 1, 1, 0, NULL, 1);
";
