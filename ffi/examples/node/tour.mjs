/**
 * A tour of procside from Node, the same as those in C and Python.
 *
 *     npm ci && PROCSIDE_LIBRARY=path/to/libprocside.so node tour.mjs EMPTY_FOLDER
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { IDLE, LATER, Project, patchText } from './procside.mjs';

const FLOW = `name: report
input: {topic: {type: string, required: true}}
steps:
  - {id: draft, type: agent_task, agent: writer, message: "Write about {{ input.topic }}"}
  - {id: review, type: human_approval, depends_on: draft, approvers: [ada], title: Read it}
  - {id: publish, type: agent_task, agent: writer, message: Publish, depends_on: review}
outputs: [{name: report, value: "{{ steps.draft.output.text }}"}]
`;

function checklist(project) {
  project.call('init', { name: 'Tour', template: 'bugfix' });
  project.call('add-step', { name: 'Tell the users', after: 's1' });
  const { process, step } = project.call('step', {
    id: 's1', status: 'completed', output: 'seen.md',
  });
  return { process: process.id, progress: process.progress, step: step.status };
}

function documents(project) {
  const patch = (operation, content) => [{ operation, location: '# Plan', content }];
  project.call('patch', { patches: patch('insert', 'First.') });
  const patched = project.call('patch', { patches: patch('append', 'Second.') }).document;
  project.call('undo');
  const undone = project.call('doc').document;
  const alone = patchText('# Plan\n\nOld.\n', patch('append', 'New.'));
  const back = patchText(alone.patched.document, alone.inverse);
  return { patched, undone, alone: alone.patched.document, back: back.patched.document };
}

async function run(project, folder) {
  writeFileSync(join(folder, 'report.yaml'), FLOW);
  const later = [];
  project.setHandler('writer', ({ step, token }) => {
    if (step === 'publish') later.push(token);
    else project.complete(token, { output: { text: 'A report.' }, cost: '0.25' });
    return LATER;
  });
  const drive = () => {
    while (project.drive(5000) !== IDLE) {
      for (const token of later.splice(0)) project.complete(token, { output: 'published' });
    }
  };
  project.call('run', { source: 'report.yaml', input: { topic: 'tours' }, detach: true });
  const feed = project.events({ process: 'proc-002', after: 0, timeoutMs: 5000 });
  drive();
  const approval = project.call('approvals').approvals[0].title;
  project.call('approve', { id: 'proc-002', step: 'review', by: 'ada' });
  drive();
  const events = [];
  for await (const { event } of feed) {
    events.push(event.type);
    if (event.type === 'process_ended') break;
  }
  const { process, outputs, run } = project.call('show', { id: 'proc-002' });
  return { approval, run: { status: process.status, outputs, cost: run.cost }, events };
}

function missing(project) {
  try {
    project.call('show', { id: 'proc-999' });
  } catch (error) {
    return { status: error.code, kind: error.kind };
  }
}

const folder = process.argv[2];
const project = Project.init(folder);
const told = { checklist: checklist(project), document: documents(project) };
Object.assign(told, await run(project, folder), { error: missing(project) });
project.close();
process.stdout.write(`${JSON.stringify(told)}\n`);
