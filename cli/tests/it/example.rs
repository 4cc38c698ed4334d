//! The example session of the design of many processes, word by word.

use expect_test::{Expect, expect};

use crate::project::{Project, column};

/// The versions that the design shows, as an older program left them.
const VERSIONS: [(&str, &str); 3] = [
    (
        ".ai/versions/proc-001/v1-initial.yaml",
        "version: 1
snapshotAt: 2026-02-10T10:00:00Z
reason: Initial process creation
process:
  id: proc-001
  name: Add Container to Homelab
  steps:
    - id: s1
      name: Plan container requirements
      status: pending
    - id: s2
      name: Create docker-compose.yml
      status: pending
",
    ),
    (
        ".ai/versions/proc-001/v2-added-step.yaml",
        "version: 2
snapshotAt: 2026-02-12T14:00:00Z
reason: Added health check step after learning from issues
process:
  id: proc-001
  name: Add Container to Homelab
  steps:
    - id: s1
      name: Plan container requirements
      status: completed
    - id: s2
      name: Create docker-compose.yml
      status: pending
    - id: s3
      name: Configure health checks  # NEW STEP
      status: pending
",
    ),
    (
        ".ai/versions/proc-001/v3-added-network-isolation.yaml",
        "version: 3
snapshotAt: 2026-02-16T15:30:00Z
reason: Added network isolation step for security
process:
  id: proc-001
  name: Add Container to Homelab
  steps:
    - id: s1
      name: Plan container requirements
      status: completed
    - id: s2
      name: Create docker-compose.yml
      status: completed
    - id: s3
      name: Configure health checks
      status: completed
    - id: s4
      name: Isolate the network
      status: pending
",
    ),
];

const PROCESS: &str = "id: proc-001
name: Add Container to Homelab
goal: Deploy a new Docker container with proper configuration
status: in_progress
template: infra-deploy
steps:
  - id: s1
    name: Plan container requirements
    status: completed
  - id: s2
    name: Create docker-compose.yml
    status: completed
  - id: s3
    name: Configure health checks
    status: completed
  - id: s4
    name: Isolate the network
    status: pending
createdAt: 2026-02-10T10:00:00Z
updatedAt: 2026-02-16T15:30:00Z
";

const REGISTRY: &str = "version: 1
processes:
  - id: proc-001
    name: Add Container to Homelab
    goal: Deploy a new Docker container with proper configuration
    status: in_progress
    template: infra-deploy
    createdAt: 2026-02-10T10:00:00Z
    updatedAt: 2026-02-16T15:30:00Z
    progress: 75
    tags: [homelab, docker, infrastructure]
    archived: false
templates:
  - id: infra-deploy
    name: Infrastructure Deployment
    source: builtin
    lastUsed: 2026-02-16T15:30:00Z
    usageCount: 5
";

fn check(project: &Project, args: &[&str], expected: &Expect) {
    expected.assert_eq(&project.ok(args).stdout);
}

#[test]
fn the_example_session_works_as_it_is_written() {
    let project = Project::nowhere();
    project.ok(&["init", "--template", "infra-deploy", "--name", "Add Container to Homelab"]);
    project.ok(&["init", "--name", "OAuth Integration"]);
    project.ok(&["add-step", "Ask Google"]);
    project.ok(&["step", "s1", "--status", "completed"]);
    project.ok(&["init", "--name", "API Rate Limiting"]);
    for step in ["s1", "s2"] {
        project.ok(&["step", step, "--status", "completed", "--process", "proc-001"]);
    }
    check(
        &project,
        &["list"],
        &expect![[r#"
              proc-001  Add Container to Homelab  in_progress  33%
              proc-002  OAuth Integration         completed    100%
            * proc-003  API Rate Limiting         planned      0%
        "#]],
    );

    let made = project.data(&["init", "--template", "infra-deploy", "--name", "Deploy Grafana"]);
    assert_eq!(made["process"]["id"], "proc-004");
    assert_eq!(project.data(&["list"])["active"], "proc-004", "a new process is the active one");

    project.ok(&["switch", "proc-001"]);
    project.ok(&["version", "proc-001", "--note", "Added monitoring step"]);
    let history = project.ok(&["history", "proc-001"]).stdout;
    let newest = history.lines().position(|line| line.starts_with("v2 (current) - "));
    let lines: Vec<&str> = history.lines().skip(newest.expect("a line for version 2")).collect();
    assert_eq!(lines[1], "Reason: Added monitoring step");
    assert_eq!(lines[2], "Changes: 2 steps completed");

    let clone = project.data(&["clone", "proc-002", "--name", "Add GitHub OAuth"]);
    assert_eq!(clone["process"]["id"], "proc-005");
    assert_eq!(clone["process"]["steps"][0]["status"], "pending", "an instance starts anew");

    project.ok(&["archive", "proc-002"]);
    assert!(project.exists(".ai/processes/archived/proc-002.yaml"));
    assert!(!project.exists(".ai/processes/proc-002.yaml"));
    check(
        &project,
        &["list"],
        &expect![[r#"
            * proc-001  Add Container to Homelab  in_progress  33%
              proc-003  API Rate Limiting         planned      0%
              proc-004  Deploy Grafana            planned      0%
              proc-005  Add GitHub OAuth          planned      0%
        "#]],
    );

    project.ok(&["export", "proc-001", "--output", "homelab-container-guide.md"]);
    let guide = project.read("homelab-container-guide.md");
    assert!(guide.starts_with("# Add Container to Homelab\n"), "{guide}");
}

#[test]
fn the_history_reads_as_the_design_shows_it() {
    let mut files = VERSIONS.to_vec();
    files.push((".ai/processes/proc-001.yaml", PROCESS));
    files.push((".ai/registry.yaml", REGISTRY));
    let project = Project::with_files(&files);
    check(
        &project,
        &["history", "proc-001"],
        &expect![[r#"
            Version History: Add Container to Homelab

            v3 (current) - Feb 16, 2026
            Reason: Added network isolation step for security
            Changes: +1 step, 2 steps completed

            v2 - Feb 12, 2026
            Reason: Added health check step after learning from issues
            Changes: +1 step, 1 step completed

            v1 - Feb 10, 2026
            Reason: Initial process creation
            Changes: Process created from template infra-deploy
        "#]],
    );
}

#[test]
fn what_the_design_shows_of_an_index_is_read() {
    let project = Project::with_files(&[
        (".ai/processes/proc-001.yaml", PROCESS),
        (".ai/registry.yaml", REGISTRY),
    ]);
    let list = project.data(&["list"]);
    assert_eq!(column(&list["processes"], "id"), ["proc-001"]);
    assert_eq!(list["processes"][0]["progress"], 75);
    assert_eq!(
        list["processes"][0]["tags"].to_string(),
        r#"["homelab","docker","infrastructure"]"#
    );
    let templates = project.data(&["templates", "list"]);
    let used = templates["templates"].as_array().into_iter().flatten();
    let deploy = used.into_iter().find(|template| template["id"] == "infra-deploy");
    assert_eq!(deploy.expect("it is builtin")["usageCount"], 5);
}
