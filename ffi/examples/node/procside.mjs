/**
 * procside in Node, by koffi.
 *
 * The library is found by the variable PROCSIDE_LIBRARY.
 *
 *     const project = Project.init('work');
 *     project.call('init', { name: 'Move the wiki' });
 *     for await (const { event } of project.events({ after: 0, timeoutMs: 1000 })) console.log(event.type);
 *     project.close();
 *
 * Handlers run on the thread of JavaScript: `drive` calls them there, and waits meanwhile.
 */
import koffi from 'koffi';

const ABI_VERSION = 1;
const LATER_STATUS = 100;

/** What `Project.drive` returns. */
export const [IDLE, PROGRESS, TIMEOUT] = [0, 1, 2];

/** What a handler returns that will call `Project.complete` with the token of its attempt. */
export const LATER = Symbol('later');

const path = process.env.PROCSIDE_LIBRARY;
if (!path) throw new Error('set PROCSIDE_LIBRARY to the path of libprocside');
const library = koffi.load(path);

const Handler = koffi.proto(
  'int32_t ps_handler(void *user, void *work, size_t len, uint64_t token)',
);
// Handles are numbers, not addresses, so they are held as such.
const Place = koffi.out(koffi.pointer('uintptr_t'));
const NumberPlace = koffi.out(koffi.pointer('int32_t'));
const define = (name, result, args) => library.func(name, result, args);

const lib = {
  abiVersion: define('ps_abi_version', 'uint32_t', []),
  version: define('ps_version', 'const char *', []),
  bufData: define('ps_buf_data', 'const char *', ['uintptr_t']),
  bufFree: define('ps_buf_free', 'void', ['uintptr_t']),
  errorCode: define('ps_error_code', 'int32_t', ['uintptr_t']),
  errorKind: define('ps_error_kind', 'const char *', ['uintptr_t']),
  errorMessage: define('ps_error_message', 'const char *', ['uintptr_t']),
  errorHint: define('ps_error_hint', 'const char *', ['uintptr_t']),
  errorDetails: define('ps_error_details', 'const char *', ['uintptr_t']),
  errorFree: define('ps_error_free', 'void', ['uintptr_t']),
  projectInit: define('ps_project_init', 'int32_t', ['const char *', 'size_t', Place, Place]),
  projectOpen: define('ps_project_open', 'int32_t', ['const char *', 'size_t', Place, Place]),
  projectClose: define('ps_project_close', 'void', ['uintptr_t']),
  call: define('ps_call', 'int32_t', ['uintptr_t', 'const char *', 'size_t', Place, Place]),
  patchText: define('ps_patch_text', 'int32_t', [
    'const char *', 'size_t', 'const char *', 'size_t', Place, Place, Place,
  ]),
  handlerSet: define('ps_handler_set', 'int32_t', [
    'uintptr_t', 'const char *', 'size_t', koffi.pointer(Handler), 'void *', 'void *', Place,
  ]),
  complete: define('ps_complete', 'int32_t', [
    'uintptr_t', 'uint64_t', 'const char *', 'size_t', Place,
  ]),
  drive: define('ps_drive', 'int32_t', ['uintptr_t', 'uint32_t', NumberPlace, Place]),
  driveStop: define('ps_drive_stop', 'int32_t', ['uintptr_t', 'uint32_t', NumberPlace, Place]),
  eventsOpen: define('ps_events_open', 'int32_t', [
    'uintptr_t', 'const char *', 'size_t', 'int64_t', Place, Place,
  ]),
  eventsNext: define('ps_events_next', 'int32_t', ['uintptr_t', 'uint32_t', Place, Place]),
  eventsClose: define('ps_events_close', 'void', ['uintptr_t']),
};
if (lib.abiVersion() !== ABI_VERSION) {
  throw new Error(`${path} speaks version ${lib.abiVersion()}, not ${ABI_VERSION}`);
}

/** Returns the version of procside. */
export const version = () => lib.version();

/** Why a call failed: `code` is the exit code of the command line, `kind` a stable word. */
export class ProcsideError extends Error {
  constructor(handle) {
    super(`${lib.errorKind(handle)}: ${lib.errorMessage(handle)}`);
    this.name = 'ProcsideError';
    this.code = lib.errorCode(handle);
    this.kind = lib.errorKind(handle);
    this.hint = lib.errorHint(handle);
    this.details = JSON.parse(lib.errorDetails(handle));
    lib.errorFree(handle);
  }
}

const size = (text) => (text === null ? 0 : Buffer.byteLength(text));
const place = () => [0];
const given = ([handle]) => handle !== 0 && handle !== 0n;

/** Calls a function whose last argument takes an error, and throws it. */
function check(call, ...args) {
  const err = place();
  const status = call(...args, err);
  if (given(err)) throw new ProcsideError(err[0]);
  return status;
}

/** Returns the text of a buffer, and frees it. */
function take([buf]) {
  const text = lib.bufData(buf);
  lib.bufFree(buf);
  return text;
}

/** Patches a text that belongs to no project; returns what came of it, and the way back. */
export function patchText(document, patches) {
  const [out, inverse, text] = [place(), place(), JSON.stringify(patches)];
  check(lib.patchText, document, size(document), text, size(text), out, inverse);
  return { patched: JSON.parse(take(out)), inverse: JSON.parse(take(inverse)) };
}

/** A project that is open. */
export class Project {
  #handle;
  #callbacks = [];

  constructor(path, make = false) {
    const out = place();
    check(make ? lib.projectInit : lib.projectOpen, path, size(path), out);
    this.#handle = out[0];
  }

  /** Opens the project that a folder belongs to. */
  static open(path) {
    return new Project(path);
  }

  /** Makes an empty project in a folder that is there, and opens it. */
  static init(path) {
    return new Project(path, true);
  }

  /** Closes the project; it may be closed twice. */
  close() {
    lib.projectClose(this.#handle);
    this.#callbacks.splice(0).forEach((callback) => koffi.unregister(callback));
  }

  /** Calls an operation by the name of its command; returns the data of its answer. */
  call(operation, args = {}) {
    const request = JSON.stringify({ op: operation, args });
    const [out, err] = [place(), place()];
    lib.call(this.#handle, request, size(request), out, err);
    const answer = given(out) ? JSON.parse(take(out)) : null;
    if (given(err)) throw new ProcsideError(err[0]);
    return answer.data;
  }

  /**
   * Makes a function perform the steps of a type or an agent.
   *
   * It gets the attempt with its `token`. What it returns is the output, `LATER` leaves that to
   * `complete`, and what it throws fails the attempt.
   */
  setHandler(slot, perform) {
    const callback = koffi.register((_user, work, len, token) => {
      try {
        const attempt = JSON.parse(koffi.decode(work, 'char', Number(len)));
        const output = perform({ ...attempt, token });
        if (output === LATER) return LATER_STATUS;
        this.complete(token, { output });
      } catch (error) {
        this.complete(token, { error: String(error) });
      }
      return 0;
    }, koffi.pointer(Handler));
    this.#callbacks.push(callback);
    check(lib.handlerSet, this.#handle, slot, size(slot), callback, null, null);
  }

  /** Says what came of an attempt: `output` or `error`, and `cost`. */
  complete(token, result) {
    const text = JSON.stringify(result);
    check(lib.complete, this.#handle, token, text, size(text));
  }

  /** Drives until something happened, or nothing did in so many milliseconds. */
  drive(timeoutMs = 1000) {
    const state = [0];
    check(lib.drive, this.#handle, timeoutMs, state);
    return state[0];
  }

  /** Ends driving; returns whether all that was performed has ended. */
  stop(timeoutMs = 8000) {
    const done = [0];
    check(lib.driveStop, this.#handle, timeoutMs, done);
    return done[0] === 1;
  }

  /**
   * Returns the events as they happen, those of one process or all.
   *
   * `after` is the number behind which events are told, 0 for all; without it, those from here on.
   * It ends when nothing happened in `timeoutMs`; without one it never does.
   */
  events({ process = null, after = -1, timeoutMs = null } = {}) {
    const out = place();
    check(lib.eventsOpen, this.#handle, process, size(process), after, out);
    return eventsOf(out[0], timeoutMs);
  }
}

async function* eventsOf(handle, timeoutMs) {
  try {
    for (;;) {
      const [out, err] = [place(), place()];
      // On a thread of its own, so that JavaScript goes on meanwhile.
      await new Promise((resolve, reject) => {
        lib.eventsNext.async(handle, timeoutMs ?? 500, out, err, (error, status) =>
          error ? reject(error) : resolve(status),
        );
      });
      if (given(err)) throw new ProcsideError(err[0]);
      if (given(out)) yield JSON.parse(take(out));
      else if (timeoutMs !== null) return;
    }
  } finally {
    lib.eventsClose(handle);
  }
}
