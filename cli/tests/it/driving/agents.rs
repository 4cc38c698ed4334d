//! Agents: programs of the configuration, and people where there is none.

use crate::project::{Project, column, texts};

const CONFIG: &str = "agents:
  writer:
    command: [sh, -c, 'read line; printf \"{\\\"output\\\": {\\\"said\\\": \\\"%s\\\", \\\"model\\\": \\\"%s\\\"}, \\\"cost\\\": 0.1, \\\"tokens\\\": 7}\" \"$line\" \"$PROCSIDE_MODEL\"']
  caller: {command: [printf, '{\"got\": \"%s\"}', --], input: argument}
  plain: {command: [cat]}
  wrong: {command: [echo, '{\"cost\": -1}']}
  absent: {command: [/no/such/program]}
";

#[test]
fn agents_are_told_and_answer_and_their_costs_add_up_exactly() {
    let text = "name: F
budget: {cost: '0.35', on_exceed: pause}
steps:
  - {id: a, type: agent_task, agent: writer, message: 'two is {{ 1 + 1 }} $(x)', model: big}
  - {id: b, type: agent_task, agent: plain, message: as it is, depends_on: [a]}
  - {id: c, type: agent_task, agent: writer, message: c, depends_on: [b]}
  - {id: d, type: agent_task, agent: writer, message: d, depends_on: [c]}
  - {id: e, type: agent_task, agent: writer, message: e, depends_on: [d]}
  - {id: f, type: agent_task, agent: writer, message: f, depends_on: [e]}
";
    let project = Project::with_files(&[("f.yaml", text), (".procside.yaml", CONFIG)]);
    let data = project.data_with_exit(7, &["run", "f.yaml"]);
    let steps = &data["run"]["steps"];
    assert_eq!(steps["a"]["output"]["said"], "two is 2 $(x)");
    assert_eq!(steps["a"]["output"]["model"], "big");
    assert_eq!(steps["b"]["output"]["text"], "as it is");
    // Four times 0.1 is 0.4: the last one was allowed at 0.3, and no other.
    let cost = project.data(&["cost"]);
    assert_eq!((&cost["total"], &cost["limit"]), (&"0.4".into(), &"0.35".into()));
    assert_eq!(column(&data["waiting"], "for"), ["budget"]);
    assert_eq!(column(&data["waiting"], "step"), ["f"]);
}

#[test]
fn an_agent_may_be_told_by_an_argument_and_may_fail() {
    let text = "name: F
steps:
  - {id: a, type: agent_task, agent: caller, message: by argument}
  - {id: wrong, type: agent_task, agent: wrong, message: x, on_error: skip_step}
  - {id: absent, type: agent_task, agent: absent, message: x, on_error: skip_step}
";
    let project = Project::with_files(&[("f.yaml", text), (".procside.yaml", CONFIG)]);
    let data = project.data(&["run", "f.yaml"]);
    let steps = &data["run"]["steps"];
    assert!(steps["a"]["output"].to_string().contains("by argument"), "{}", steps["a"]);
    assert!(steps["wrong"]["error"].to_string().contains("cost `-1`"), "{}", steps["wrong"]);
    assert!(steps["absent"]["error"].to_string().contains("/no/such/program"));
}

/// E6.19.
#[test]
fn the_task_of_an_agent_that_is_not_declared_is_work_for_anybody() {
    let text = "name: F
steps:
  - {id: a, type: agent_task, agent: nobody, message: please}
  - {id: b, type: agent_task, agent: plain, message: 'got {{ steps.a.output.v }}', depends_on: [a]}
";
    let project = Project::with_files(&[("f.yaml", text), (".procside.yaml", CONFIG)]);
    let data = project.data_with_exit(7, &["run", "f.yaml"]);
    assert_eq!(column(&data["waiting"], "for"), ["work"]);
    assert_eq!(texts(&project.data(&["next"])["ready"]), ["a"]);
    let claimed = project.data(&["claim", "a", "--by", "bob"]);
    assert_eq!(claimed["run"]["steps"]["a"]["message"], "please");
    project.ok(&["step", "a", "--status", "completed", "--output", "{\"v\": 7}"]);
    let data = project.data(&["run", "proc-001"]);
    assert_eq!(data["run"]["steps"]["b"]["output"]["text"], "got 7");
}
