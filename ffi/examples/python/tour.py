"""A tour of procside from Python, the same as those in C and Node.

    PROCSIDE_LIBRARY=path/to/libprocside.so python3 tour.py EMPTY_FOLDER
"""

import json
import sys
from pathlib import Path
from typing import Any

from procside import IDLE, LATER, Error, Project, patch_text

FLOW = """\
name: report
input: {topic: {type: string, required: true}}
steps:
  - {id: draft, type: agent_task, agent: writer, message: "Write about {{ input.topic }}"}
  - {id: review, type: human_approval, depends_on: draft, approvers: [ada], title: Read it}
  - {id: publish, type: agent_task, agent: writer, message: Publish, depends_on: review}
outputs: [{name: report, value: "{{ steps.draft.output.text }}"}]
"""


def checklist(project: Project) -> dict[str, Any]:
    """Keeps a checklist."""
    project.call("init", name="Tour", template="bugfix")
    project.call("add-step", name="Tell the users", after="s1")
    data = project.call("step", id="s1", status="completed", output="seen.md")
    process, step = data["process"], data["step"]
    return {"process": process["id"], "progress": process["progress"], "step": step["status"]}


def document(project: Project) -> dict[str, Any]:
    """Patches a document and takes it back, in the project and alone."""
    project.call("patch", patches=[{"operation": "insert", "location": "# Plan", "content": "First."}])
    more = [{"operation": "append", "location": "# Plan", "content": "Second."}]
    patched = project.call("patch", patches=more)["document"]
    project.call("undo")
    undone = project.call("doc")["document"]
    new = [{"operation": "append", "location": "# Plan", "content": "New."}]
    alone, inverse = patch_text("# Plan\n\nOld.\n", new)
    back, _ = patch_text(alone["document"], inverse)
    return {
        "patched": patched,
        "undone": undone,
        "alone": alone["document"],
        "back": back["document"],
    }


def run(project: Project, folder: Path) -> dict[str, Any]:
    """Runs a process with a handler, an approval, and its events."""
    (folder / "report.yaml").write_text(FLOW)
    later: list[int] = []

    @project.handler("writer")
    def write(attempt: dict[str, Any]) -> Any:
        if attempt["step"] == "publish":
            later.append(attempt["token"])
            return LATER
        project.complete(attempt["token"], {"text": "A report."}, cost="0.25")
        return LATER

    def drive() -> None:
        while project.drive(5.0) != IDLE:
            while later:
                project.complete(later.pop(), "published")

    project.call("run", source="report.yaml", input={"topic": "tours"}, detach=True)
    types = []
    with project.events("proc-002", after=0, timeout=5.0) as events:
        drive()
        approval = project.call("approvals")["approvals"][0]["title"]
        project.call("approve", id="proc-002", step="review", by="ada")
        drive()
        for event in events:
            types.append(event["event"]["type"])
            if types[-1] == "process_ended":
                break
    data = project.call("show", id="proc-002")
    ran = {
        "status": data["process"]["status"],
        "outputs": data["outputs"],
        "cost": data["run"]["cost"],
    }
    return {"approval": approval, "run": ran, "events": types}


def error(project: Project) -> dict[str, Any]:
    """Asks for what is not there."""
    try:
        project.call("show", id="proc-999")
    except Error as caught:
        return {"status": caught.code, "kind": caught.kind}
    return {}


def main() -> None:
    """Takes the tour in the folder that is named."""
    folder = Path(sys.argv[1])
    with Project.init(folder) as project:
        told: dict[str, Any] = {"checklist": checklist(project), "document": document(project)}
        told |= run(project, folder)
        told["error"] = error(project)
    print(json.dumps(told, separators=(",", ":"), ensure_ascii=False))


if __name__ == "__main__":
    main()
