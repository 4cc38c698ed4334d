//! Changes the document of a process by small patches while another thread watches, and takes one
//! back.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use procside::{EventFilter, NewProcess, PatchRequest, Procside, Surroundings};

/// What an agent sends: no offsets, only what people see.
const PATCHES: &str = r##"[
  {"operation": "insert", "location": "# Plan", "content": "Move the wiki."},
  {"operation": "insert", "location": "# Plan > ## Steps", "content": "- export\n- import"}
]"##;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("procside-patch-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let project = Procside::open_or_new(&folder, Surroundings::of_the_system())?;
    let name = Some("Move the wiki".to_owned());
    let id = Some(project.init(NewProcess { name, ..NewProcess::default() })?.process.id);

    // A project is shared by cloning it; every clone may be used by a thread of its own.
    let mut events = project.events(EventFilter { process: id, after: None })?;
    let watcher = std::thread::spawn(move || -> Result<usize, procside::Error> {
        let mut seen = 0;
        // Three things happen from here on: a patch, its way back, and its way forth.
        while seen < 3 && events.next(Duration::from_secs(10))?.is_some() {
            seen += 1;
        }
        Ok(seen)
    });

    let request = PatchRequest { patches: PATCHES.to_owned(), ..PatchRequest::default() };
    let patched = project.patch_document(id, &request)?;
    println!("entry {:?}:\n{}", patched.entry, patched.text.document);

    // Back to the byte, and forth again.
    project.undo(id, None)?;
    println!("undone: {:?}", project.document(id)?.text);
    project.redo(id, None)?;
    println!("redone: {}", project.document(id)?.text.as_deref() == Some(&patched.text.document));

    // A patch that fits nowhere changes nothing, and says what would have fitted.
    let patches = r##"[{"operation": "delete", "location": "# Plan > ## Stepps"}]"##.to_owned();
    if let Err(error) = project.patch_document(id, &PatchRequest { patches, ..Default::default() })
    {
        println!("{}: {error}", error.kind().as_str());
    }

    let seen = watcher.join().map_err(|_| "the watcher panicked")??;
    println!("{seen} events were seen");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
