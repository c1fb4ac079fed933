import type { EventSchema } from '../../events/event-schema.ts';
import type { RegisteredSubject } from '../../events/read-registry.ts';
import { listed } from './in-words.ts';
import { problem, warning, wrongOr, type Judgement } from './judgement.ts';

/** With it a reader of the newest version can read every older one, so the whole kept log stays readable. */
const WANTED_LEVEL = 'BACKWARD_TRANSITIVE';
const APPLY = 'Run: npx outbox schemas apply';

/** What a file says, and the registry of its subject. */
export type Registered = ReadonlyMap<string, RegisteredSubject>;

export function judgeSubjects(files: readonly EventSchema[], registered: Registered): Judgement[] {
  const wrong = files.flatMap((file): Judgement[] => {
    const subject = registered.get(file.subject);
    const name = `${file.type} v${file.version}`;
    if (schemaIdOf(file, registered) !== undefined) return [];
    const inItsPlace = subject?.versions[file.version - 1];
    if (inItsPlace === undefined) return [problem(`${name} is not registered under ${file.subject}.`, APPLY)];
    return [
      problem(
        `${name} was registered with other content: its file has been edited since.`,
        `Put the file back as it was, and say what changed in a file ${file.type}.v${(subject?.versions.length ?? 0) + 1}.avsc.`,
      ),
    ];
  });
  return wrongOr(wrong, `all ${files.length} schemas are registered`);
}

/** The id under which the registry has what this file says, whatever the number of the version there. */
export function schemaIdOf(file: EventSchema, registered: Registered): number | undefined {
  return registered.get(file.subject)?.versions.find(({ fingerprint }) => fingerprint === file.fingerprint)
    ?.schemaId;
}

export function judgeUnknownVersions(files: readonly EventSchema[], registered: Registered): Judgement[] {
  const wrong = [...registered.values()].flatMap(({ subject, versions }) => {
    const known = files.filter((file) => file.subject === subject).map(({ fingerprint }) => fingerprint);
    const unknown = versions.filter(({ fingerprint }) => !known.includes(fingerprint ?? ''));
    // An edited file has been said; here it is about one that this checkout has never had.
    if (unknown.length === 0 || known.length >= versions.length) return [];
    return [
      warning(
        `${subject} has version ${listed(unknown.map(({ version }) => String(version)))} that is not in schemas/: this checkout is older than the registry.`,
        'Check out the version that the services run.',
      ),
    ];
  });
  return wrongOr(wrong, 'nothing is registered that schemas/ does not have');
}

export function judgeCompatibility(registered: Registered, registryUrl: string): Judgement[] {
  const wrong = [...registered.values()].filter(({ compatibility }) => compatibility !== WANTED_LEVEL);
  return wrongOr(
    wrong.map(({ subject, compatibility }) =>
      problem(
        `${subject} has compatibility ${compatibility}: a version that can not read the older ones would be let in.`,
        `curl -X PUT ${withoutUser(registryUrl)}/config/${subject} -H 'content-type: application/json' -d '{"compatibility":"${WANTED_LEVEL}"}'`,
      ),
    ),
    `${WANTED_LEVEL} everywhere`,
  );
}

function withoutUser(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '');
}
