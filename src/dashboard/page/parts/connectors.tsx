import type { ConnectorState, Health, TaskState } from '../../dashboard-state.ts';
import { actAndTell } from '../ask-server.ts';
import { inClock, inCount, inTime, notKnown } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { ask } from './confirm-dialog.tsx';
import { Section } from './section.tsx';

const connectors = slice('connectors');

/** Connectors and their tasks, with what can be done to each; a failure shows its trace. */
export function Connectors() {
  const now = connectors.value;
  return (
    <Section title="Connectors" width="full" problem={now?.problem ?? null}>
      <div class="scroll">
        <table class="blocks">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col">Since</th>
              <th scope="col" class="figure">
                Restarts
              </th>
              <th scope="col" class="figure">
                Heartbeat
              </th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          {now?.connectors.map((one) => (
            <ConnectorRows key={one.name} connector={one} />
          ))}
        </table>
      </div>
      {now?.connectors.length === 0 ? <p class="nothing">Kafka Connect has no connectors.</p> : null}
    </Section>
  );
}

function ConnectorRows({ connector }: { readonly connector: ConnectorState }) {
  const { name, state, health } = connector;
  const held = state === 'PAUSED' || state === 'STOPPED';
  return (
    <tbody>
      <tr>
        <th scope="row">{name}</th>
        <td>
          <Mark health={health} text={state} />
        </td>
        <td data-label="since">{since(connector.since)}</td>
        <td class="figure" data-label="restarts">
          {inCount(connector.restarts)}
        </td>
        <td class="figure" data-label="heartbeat">
          {inTime(connector.heartbeatAgeMs)}
        </td>
        <td>
          <div class="actions">
            <Act connector={name} verb="Restart" />
            {held ? <Act connector={name} verb="Resume" /> : <Act connector={name} verb="Pause" />}
          </div>
        </td>
      </tr>
      {connector.tasks.map((task) => (
        <TaskRow key={task.id} connector={name} task={task} />
      ))}
      {connector.reasons.length === 0 && connector.trace === null ? null : (
        <tr>
          <td colSpan={6}>
            {connector.reasons.map((reason) => (
              <p key={reason} class="problem">
                {reason}
              </p>
            ))}
            <Trace trace={connector.trace} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

function TaskRow({ connector, task }: { readonly connector: string; readonly task: TaskState }) {
  const health: Health = task.state === 'RUNNING' ? 'good' : task.state === 'FAILED' ? 'broken' : 'slow';
  return (
    <tr>
      <td>
        task {task.id} <span class="quiet">{task.worker}</span>
      </td>
      <td>
        <Mark health={health} text={task.state} />
        <Trace trace={task.trace} />
      </td>
      <td data-label="since">{since(task.since)}</td>
      <td class="figure" data-label="restarts">
        {inCount(task.restarts)}
      </td>
      <td />
      <td>
        <div class="actions">
          <Act connector={connector} verb="Restart" task={task.id} />
        </div>
      </td>
    </tr>
  );
}

const meanings = {
  Restart: 'It reads on from where it was. Events wait meanwhile; none is lost.',
  Pause: 'Events are still written and wait in the log, which grows until it is resumed.',
  Resume: 'It reads on from where it was, with all that has waited.',
};

function Act(props: { connector: string; verb: keyof typeof meanings; task?: number }) {
  const { connector, verb, task } = props;
  const what = task === undefined ? connector : `task ${task} of ${connector}`;
  const path = `connectors/${encodeURIComponent(connector)}/${verb.toLowerCase()}`;
  const act = (): Promise<void> =>
    actAndTell(path, task === undefined ? {} : { task }, `${verb} of ${what} was asked for.`);
  return (
    <button
      type="button"
      aria-label={`${verb} ${what}`}
      onClick={() => ask({ title: `${verb} ${what}?`, meaning: meanings[verb], verb, act })}
    >
      {verb}
    </button>
  );
}

export function Mark({ health, text }: { readonly health: Health; readonly text: string }) {
  return (
    <span class="mark" data-health={health}>
      {text}
    </span>
  );
}

function Trace({ trace }: { readonly trace: string | null }) {
  if (trace === null) return null;
  return (
    <details>
      <summary>Why it failed</summary>
      <pre tabIndex={0}>{trace}</pre>
    </details>
  );
}

const since = (at: number | null): string => (at === null ? notKnown : inClock(at));
