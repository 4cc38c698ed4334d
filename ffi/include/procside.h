/*
 * procside: the SQLite of process engines, for C.
 *
 * Made by `cargo xtask header` from the sources; do not edit.
 *
 * Rules for every function:
 * - Texts go in as a pointer and a length in bytes, UTF-8; no NUL is needed.
 * - A function that can fail returns a status. `out` comes last but one and is written only on
 *   success, `err` comes last and is written only on failure; `err` may be null.
 * - Whoever gets a ps_buf or ps_error frees it. Every free and close takes null.
 * - Handles are numbers that are never given twice: one that was closed or freed, or is of another
 *   kind, gets PS_USAGE (or an empty text) instead of doing harm.
 * - All handles may be used by several threads at once. A child of fork() must not use them.
 * - No call panics or throws; a fault in the library is PS_FAILED with the kind "internal".
 */
#ifndef PROCSIDE_H
#define PROCSIDE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Statuses ---- */

/**
 * It was done.
 */
#define PS_OK 0

/**
 * It failed in some other way; of a process that ran, it ended failed or cancelled.
 */
#define PS_FAILED 1

/**
 * The call makes no sense: a null, a handle that is none, a request that cannot be read.
 */
#define PS_USAGE 2

/**
 * There is no such project, process, step, version, template or file.
 */
#define PS_NOT_FOUND 3

/**
 * Somebody was there first, or the process stands elsewhere.
 */
#define PS_CONFLICT 4

/**
 * Somebody held the lock of the project for five seconds.
 */
#define PS_LOCKED 5

/**
 * A text or a file makes no sense, breaks its format or is over a limit.
 */
#define PS_INVALID 6

/**
 * A process waits for something outside.
 */
#define PS_WAITING 7

/**
 * What a handler returns that will say with ps_complete what came of the attempt.
 */
#define PS_LATER 100

/**
 * Nothing moves by itself any more: all has ended, or waits for people, messages or work that
 * nobody here performs.
 */
#define PS_DRIVE_IDLE 0

/**
 * Something happened, or a handler was called; there may be more.
 */
#define PS_DRIVE_PROGRESS 1

/**
 * Nothing happened in this time, and something goes on.
 */
#define PS_DRIVE_TIMEOUT 2

/* ---- Versions ---- */

/**
 * The version of this interface: it grows when a caller that was compiled before would break.
 */
#define PS_ABI_VERSION 1u

/**
 * The version of procside: its first number.
 */
#define PS_VERSION_MAJOR 0u

/**
 * The version of procside: its second number.
 */
#define PS_VERSION_MINOR 1u

/**
 * The version of procside: its third number.
 */
#define PS_VERSION_PATCH 0u

/**
 * Returns the version of the interface of the library that is loaded.
 *
 * A program is compatible when it equals PS_ABI_VERSION of the header that it was compiled with.
 */
uint32_t ps_abi_version(void);

/**
 * Returns the version of procside, such as "0.1.0"; the text is there for good.
 */
const char *ps_version(void);

/* ---- Texts that the library gives ---- */

/**
 * A text that the library gave. It belongs to whoever got it, who frees it with ps_buf_free.
 */
typedef struct ps_buf ps_buf;

/**
 * Returns the bytes of a text, UTF-8 with a NUL behind the end, until it is freed.
 *
 * What is no text is empty.
 */
const char *ps_buf_data(const ps_buf *buf);

/**
 * Returns how many bytes a text has, without the NUL behind its end.
 */
size_t ps_buf_len(const ps_buf *buf);

/**
 * Frees a text; null, and one that was freed, change nothing.
 */
void ps_buf_free(ps_buf *buf);

/* ---- Errors ---- */

/**
 * Why a call failed. It belongs to whoever got it, who frees it with ps_error_free.
 */
typedef struct ps_error ps_error;

/**
 * Returns the status that the call returned; PS_USAGE for what is no error.
 */
int32_t ps_error_code(const ps_error *err);

/**
 * Returns the kind, a stable word such as "not_found" or "locked", until the error is freed.
 *
 * The kinds are those of the command line, and "internal" for a fault in this library.
 */
const char *ps_error_kind(const ps_error *err);

/**
 * Returns what went wrong, in a line for people, until the error is freed.
 */
const char *ps_error_message(const ps_error *err);

/**
 * Returns what to do about it, until the error is freed; null when there is no advice.
 */
const char *ps_error_hint(const ps_error *err);

/**
 * Returns facts for programs, a JSON object, until the error is freed.
 */
const char *ps_error_details(const ps_error *err);

/**
 * Frees an error; null, and one that was freed, change nothing.
 */
void ps_error_free(ps_error *err);

/* ---- Projects ---- */

/**
 * A project that is open. It may be used by several threads at once.
 */
typedef struct ps_project ps_project;

/**
 * Makes an empty project in a folder that is there, and opens it; a project that is there stays as
 * it is.
 *
 * Whoever makes a project trusts it: its definitions may start programs.
 *
 * `path` has `len` bytes; `out` and `err` can be written.
 */
int32_t ps_project_init(const char *path, size_t len, ps_project **out, ps_error **err);

/**
 * Opens the project that a folder belongs to: the nearest one upwards that holds `.ai`.
 *
 * `path` has `len` bytes; `out` and `err` can be written.
 */
int32_t ps_project_open(const char *path, size_t len, ps_project **out, ps_error **err);

/**
 * Closes a project; null, and one that was closed, change nothing.
 *
 * Driving ends at once: what is not durable by then is as if it had never been begun, and the next
 * one who drives goes on from there. ps_drive_stop ends it gently. Calls of other threads that are
 * under way end as they would. A handler cannot close a project: the call changes nothing.
 */
void ps_project_close(ps_project *project);

/**
 * Gives what people should be told since this was last asked, a JSON list of texts: what was
 * repaired, or could not be taken as it is. At most 1,000 are kept.
 *
 * `out` and `err` can be written.
 */
int32_t ps_project_notices(ps_project *project, ps_buf **out, ps_error **err);

/* ---- Calls ---- */

/**
 * Calls an operation: `{"op": COMMAND, "args": {NAME: VALUE}}`, with the commands, options and
 * arguments of the command line. Relative paths are below the folder of the project.
 *
 * Returns the exit code of the command, and always gives its `--json` answer in `out`; `err` is set
 * exactly when its `ok` is false. Only a null, a handle that is none, or a fault in this library
 * leave `out` as it is.
 *
 * `request` has `len` bytes; `out` and `err` can be written.
 */
int32_t ps_call(ps_project *project, const char *request, size_t len, ps_buf **out, ps_error **err);

/**
 * Applies patches, or the inverse of some, to a document that belongs to no project: all or none.
 *
 * `out` gets JSON: `document`, `splices`, `hash_before`, `hash_after`, `changed`, `matched_with`,
 * `warnings`. `inverse_or_null`, when it is not null, gets what takes the patches back exactly, in
 * the same form as patches.
 *
 * `document` has `document_len` bytes, `patches` has `patches_len`; the rest can be written.
 */
int32_t ps_patch_text(const char *document, size_t document_len, const char *patches, size_t patches_len, ps_buf **out, ps_buf **inverse_or_null, ps_error **err);

/* ---- Handlers ---- */

/**
 * Performs an attempt of a step.
 *
 * `work` is JSON, `len` bytes with a NUL behind them, until the function returns: `process`, `step`,
 * `visit`, `attempt`, `key` (the same when the same attempt comes again after a crash), `task` (what
 * is to be done), `context` (what the last attempt kept) and `compensation` (whether it undoes).
 * `token` names the attempt to ps_complete and ps_heartbeat.
 *
 * Returns PS_OK when it is done: as ps_complete said, else without output. Returns PS_LATER when
 * ps_complete will say it, from any thread. Any other number fails the attempt. It must not throw,
 * jump out, close the project or drive it; every other call is fine.
 */
typedef int32_t (*ps_handler_fn)(void *user, const char *work, size_t len, uint64_t token);

/**
 * Frees what a handler was given as `user`, once, when nobody calls the handler any more.
 */
typedef void (*ps_free_fn)(void *user);

/**
 * Has a function perform the steps of a slot: `agent_task` (those of every agent that has no handler
 * of its own), `command`, `notification` or `manual`, or those of an agent by its name, which may be
 * written `agent:NAME`.
 *
 * The function is called by threads inside ps_drive only, by each one at a time; several threads may
 * call it at once. `user` is handed to it, and to `free_user` (may be null) when nobody calls it any
 * more: also when this call fails. While the project is driven it is PS_CONFLICT: set handlers
 * before the first ps_drive, or behind ps_drive_stop.
 *
 * `slot` has `len` bytes; `handler` and `free_user` can be called by any thread with `user`; `err`
 * can be written.
 */
int32_t ps_handler_set(ps_project *project, const char *slot, size_t len, ps_handler_fn handler, void *user, ps_free_fn free_user, ps_error **err);

/**
 * Says what came of an attempt: `{"output": JSON, "cost": "0.25"}`, or `{"error": TEXT, "cost":
 * "0.25"}`; each key may be left out.
 *
 * It may be said from any thread, once; PS_NOT_FOUND when the attempt is over, or nobody wants its
 * result any more. When it is durable, the event feed tells.
 *
 * `result` has `len` bytes; `err` can be written.
 */
int32_t ps_complete(ps_project *project, uint64_t token, const char *result, size_t len, ps_error **err);

/**
 * Gives a sign of life of an attempt, and learns whether its result is still wanted.
 *
 * `context_or_null`, when it is not null, is JSON that the next attempt is to know (at most 1 MiB).
 * `out_or_null`, when it is not null, gets 1 as long as the attempt should go on, 0 when it should
 * stop: what it gives soon after may still count.
 *
 * `context_or_null` has `len` bytes; `out_or_null` and `err` can be written.
 */
int32_t ps_heartbeat(ps_project *project, uint64_t token, const char *context_or_null, size_t len, int32_t *out_or_null, ps_error **err);

/* ---- Driving ---- */

/**
 * Drives the processes of a project, until something happened or nothing did in `timeout_ms`.
 *
 * The first call begins, and from then on timers, retries, programs and agents go on also between
 * calls; handlers are called here only, at most one in each call. `out` gets PS_DRIVE_IDLE,
 * PS_DRIVE_PROGRESS or PS_DRIVE_TIMEOUT. Call it in a loop, from as many threads as there are to be
 * handlers at once; a handler cannot call it.
 *
 * `out` and `err` can be written.
 */
int32_t ps_drive(ps_project *project, uint32_t timeout_ms, int32_t *out, ps_error **err);

/**
 * Ends driving: begins nothing any more, and gives what is performed `timeout_ms` to end.
 *
 * `out_or_null`, when it is not null, gets 1 if all did, else 0: what did not is performed again, as
 * the same attempt, by the next one who drives. Handlers are not called meanwhile. Handlers can be
 * set again, and the next ps_drive begins anew. Where nothing is driven, it has ended already.
 *
 * `out_or_null` and `err` can be written.
 */
int32_t ps_drive_stop(ps_project *project, uint32_t timeout_ms, int32_t *out_or_null, ps_error **err);

/* ---- Events ---- */

/**
 * A feed of events. Several threads may share it: each event goes to one of them.
 */
typedef struct ps_events ps_events;

/**
 * Opens a feed of events: each is told once, as soon as it is durable, whoever made it happen.
 *
 * `process_or_null`, when it is not null, is the process of which events are told. `after` is the
 * number behind which the events of each process are told, 0 for all that there are; a negative one
 * stands for those that happen from here on. The feed is independent of the project's handle.
 *
 * `process_or_null` has `len` bytes; `out` and `err` can be written.
 */
int32_t ps_events_open(ps_project *project, const char *process_or_null, size_t len, int64_t after, ps_events **out, ps_error **err);

/**
 * Gives the next event, waiting for it at most `timeout_ms`: JSON with its `process` and the
 * `event`, or null when none happened in this time.
 *
 * `out` and `err` can be written.
 */
int32_t ps_events_next(ps_events *events, uint32_t timeout_ms, ps_buf **out, ps_error **err);

/**
 * Closes a feed; null, and one that was closed, change nothing.
 */
void ps_events_close(ps_events *events);

#ifdef __cplusplus
}
#endif

#endif
