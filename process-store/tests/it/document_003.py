"""A second program: a ProcessRegistry as its document says, and nothing more.

Lock file with the number of its holder, made with O_EXCL; a lock is stale when it is older than
30 seconds or its holder is dead; tried again every 100 ms, for 5 seconds. Files are written in
place. Usage: document_003.py FILE FIRST_PID COUNT
"""

import json
import os
import re
import sys
import time

STALE_S = 30
RETRY_S = 0.1
TIMEOUT_S = 5


class ProcessRegistry:
    def __init__(self, storage_path):
        self.processes = {}
        self.rest = {}
        self.storage_path = storage_path
        self.lock_path = storage_path + ".lock"

    def add(self, pid, metadata):
        self.acquire_lock()
        try:
            self.load()
            self.processes[pid] = {"pid": pid, **metadata, "status": "running"}
            self.persist()
        finally:
            os.unlink(self.lock_path)

    def load(self):
        self.processes = {}
        try:
            with open(self.storage_path, encoding="utf-8") as file:
                data = json.load(file)
        except FileNotFoundError:
            return
        for info in data["processes"]:
            self.processes[info["pid"]] = info

    def persist(self):
        data = {
            "version": 1,
            "parentPid": os.getpid(),
            "processes": list(self.processes.values()),
            "lastUpdated": int(time.time() * 1000),
        }
        with open(self.storage_path, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)

    def acquire_lock(self):
        start = time.monotonic()
        while True:
            try:
                lock = os.open(self.lock_path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                os.write(lock, str(os.getpid()).encode())
                os.close(lock)
                return
            except FileExistsError:
                if self.is_stale():
                    try:
                        os.unlink(self.lock_path)
                    except FileNotFoundError:
                        pass
                    continue
            if time.monotonic() - start > TIMEOUT_S:
                raise TimeoutError("failed to acquire the lock")
            time.sleep(RETRY_S)

    def is_stale(self):
        try:
            age = time.time() - os.stat(self.lock_path).st_mtime
            with open(self.lock_path, encoding="utf-8") as file:
                # As parseInt does: the digits in front.
                digits = re.match(r"\s*(\d+)", file.read())
        except FileNotFoundError:
            return False
        if age > STALE_S:
            return True
        if digits is None:
            return False
        try:
            os.kill(int(digits.group(1)), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False


def main():
    path, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    registry = ProcessRegistry(path)
    for pid in range(first, first + count):
        metadata = {
            "command": "python",
            "args": [],
            "namespace": "python",
            "taskId": "PY-%d" % pid,
            "startTime": pid,
        }
        while True:
            try:
                registry.add(pid, metadata)
                break
            except TimeoutError:
                # Busy, not broken: whoever asks only ten times a second may wait for long.
                continue


main()
