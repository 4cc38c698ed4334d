//! Definitions for tests: one with everything in it.

/// A definition in canonical form that has every key of the language, and unknown ones.
pub(super) const FULL: &str = r#"name: Letters
version: 2
description: How letters get there
input:
  town:
    type: string
    required: true
    description: where to
  stamps:
    type: integer
    default: 3
  anything: {}
budget:
  cost: "5.00"
  on_exceed: fail
max_visits: 7
stop_grace: 20s
triggers:
  - type: manual
  - type: schedule
    id: mornings
    cron: 0 9 * * 1-5
    timezone: Europe/Paris
  - type: webhook
    id: new-letter
steps:
  - id: write
    name: Write it
    description: By machine
    type: agent_task
    agent: writer
    message: Write to {{ input.town }}
    model: small
    temperature: 0.2
    timeout: 5m
    retry:
      max_attempts: 3
      initial_delay: 5s
      backoff: linear
      multiplier: 3
      max_delay: 5m
      jitter: 0.25
      owner: ada
    compensation:
      type: agent_task
      agent: writer
      message: Burn {{ steps.write.output.file }}
      timeout: 1m
      retry:
        max_attempts: 2
    heartbeat: 30s
    delivery: at_most_once
    budget:
      cost: "0.50"
      on_exceed: pause
    max_visits: 5
    roles:
      monitors:
        - ada
      informed:
        - ben
    inputs:
      - paper
    outputs:
      - letter
    checks:
      - it is signed
    colour: blue
  - id: print
    type: command
    depends_on:
      - write
    run:
      - lp
      - "{{ steps.write.output.file }}"
    env:
      PRINTER: upstairs
    cwd: /tmp
    stdin: "{{ input.town }}"
    on_error: skip_step
    mutex: printer
  - id: sign
    description: Look at it
    type: human_approval
    depends_on:
      - print
      - write
    join: all_completed
    title: Sign?
    approvers:
      - ada@post.example
      - ben@post.example
    min_approvals: 2
    artifacts:
      - "{{ steps.write.output.file }}"
    on_timeout: notify
    on_reject: continue
    require_reason_on_reject: true
    timeout: 2d
  - id: choice
    type: gateway
    depends_on:
      - sign
    routes:
      - condition: steps.sign.decision == 'approved'
        next: pause
      - condition: steps.sign.decision == 'rejected'
        next: write
      - default: true
        next: null
  - id: pause
    type: timer
    delay: 1h30m
    cancels:
      - knock
  - id: morning
    type: timer
    depends_on:
      - pause
    wait_until: "09:30"
    timezone: America/New_York
  - id: tell
    type: notification
    depends_on:
      - morning
    channel: email
    message: On its way
    recipients:
      - ben@post.example
    url: https://post.example
    subject: Letters
    headers:
      X-Town: "{{ input.town }}"
    on_error:
      goto: by-hand
  - id: send
    type: sub_process
    depends_on:
      - tell
    foreach:
      in: "{{ input.anything }}"
      as: parcel
      max_parallel: 4
      wait: false
    process: deliver
    version: 3
    input:
      parcel: "{{ parcel }}"
    output_key: delivered
    wait: false
  - id: answer
    type: wait_for
    depends_on:
      - send
      - tell
    join: any
    message: letter-answered
    correlation: "{{ input.town }}"
    timeout: 2d
    on_error: fail_process
  - id: knock
    type: wait_for
    until: steps.answer.output.open == true
  - id: by-hand
    type: manual
    repeat:
      until: steps.by-hand.output.done == true
      max: 5
      delay: 1h
    message: Carry it
    compensation:
      type: command
      run: rm -f letter
      shell: true
outputs:
  - name: file
    value: "{{ steps.write.output.file }}"
    description: the letter
on_success:
  - type: log
    message: done
on_failure:
  - type: notification
    channel: slack
    message: lost
    url: https://chat.example
owner: ada
"#;

/// The definitions of a paper on process engines, each as far as it is whole; texts are our own.
pub(super) const PAPER: [(&str, &str); 5] = [
    (
        "sequence",
        r#"process:
  name: simple-report
  version: 1

  steps:
    - id: research
      type: agent_task
      agent: researcher
      message: "Look into the trends"

    - id: write
      type: agent_task
      agent: writer
      message: "Write from: {{steps.research.output}}"
      depends_on: [research]

  output:
    on_success:
      - type: log
        message: "All is well"
"#,
    ),
    (
        "fan",
        r#"process:
  name: multi-competitor-research

  steps:
    - id: research-alpha
      type: agent_task
      agent: researcher
      message: "Look into Alpha"

    - id: research-beta
      type: agent_task
      agent: researcher
      message: "Look into Beta"

    - id: research-gamma
      type: agent_task
      agent: researcher
      message: "Look into Gamma"

    - id: merge-findings
      type: agent_task
      agent: analyst
      message: "Put it together"
      depends_on: [research-alpha, research-beta, research-gamma]
"#,
    ),
    (
        "approval",
        r#"process:
  name: reviewed-report

  steps:
    - id: draft
      type: agent_task
      agent: writer
      message: "Write a draft"

    - id: review
      type: human_approval
      depends_on: [draft]
      config:
        approvers: [manager@company.com]
        timeout: 48h
        on_timeout: notify
        artifacts:
          - "{{steps.draft.output_path}}"

    - id: publish
      type: agent_task
      agent: writer
      message: "Publish it"
      depends_on: [review]
      condition: "{{steps.review.decision}} == 'approved'"
"#,
    ),
    (
        "branch",
        r#"process:
  name: conditional-flow

  steps:
    - id: analyze
      type: agent_task
      agent: analyst
      message: "How good is it?"

    - id: gateway-quality
      type: gateway
      gateway_type: exclusive
      depends_on: [analyze]
      routes:
        - condition: "{{steps.analyze.output.quality_score}} >= 80"
          next: publish
        - condition: "{{steps.analyze.output.quality_score}} >= 50"
          next: review
        - default: true
          next: reprocess

    - id: publish
      type: agent_task
      agent: writer
      message: "Publish it"

    - id: review
      type: human_approval
      approvers: [manager@company.com]

    - id: reprocess
      type: agent_task
      agent: researcher
      message: "Get more"
"#,
    ),
    (
        "timer",
        r#"steps:
  - id: wait-for-market-open
    type: timer
    config:
      wait_until: "09:30"
      timezone: America/New_York

  - id: execute-trade
    type: agent_task
    depends_on: [wait-for-market-open]
"#,
    ),
];
