import { HORIZON_DAYS } from '../../consumer/event-horizon.ts';
import { OUTBOX_RETENTION_DAYS } from '../../outbox/maintain-partitions.ts';
import { readPublication } from '../../connect/publication.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedConnector, OperatedService } from '../operated-pipeline.ts';
import { judgeDatabaseRights, readDatabaseRights } from './check-database-rights.ts';
import { judgeMigrations, readMigrations } from './check-migrations.ts';
import {
  judgeAhead,
  judgeMemory,
  judgeNoDefault,
  judgeOldestOutboxDay,
  readPartitions,
} from './check-partitions.ts';
import * as server from './check-postgres-server.ts';
import { judgePublication, judgeReplicaIdentities, readReplicaIdentities } from './check-publication.ts';
import { expectedRoles, judgeAppTimeouts, judgeRoles, readRoles } from './check-role-attributes.ts';
import { judgeTableRights, readTableRights } from './check-role-rights.ts';
import {
  countWalSenders,
  judgeForeignSlots,
  judgeOwnSlots,
  judgeStandbySlots,
  readServerSlots,
} from './check-slots.ts';
import { judgeTransactions, readLongTransactions } from './check-transactions.ts';
import { listed } from './in-words.ts';
import { problem, wrongOr } from './judgement.ts';
import type { RoleKind } from './pipeline-rights.ts';
import type { PostgresServer } from './postgres-servers.ts';
import type { Check, Section } from './section.ts';

type ServerFacts = PostgresServer & {
  readonly settings: server.ServerSettings;
  readonly slots: Awaited<ReturnType<typeof readServerSlots>>;
};

const START = 'Start Postgres (npm run stack -- up postgres).';

const serverChecks: readonly Check<ServerFacts>[] = [
  { name: 'version', look: ({ settings }) => [server.judgeVersion(settings)] },
  { name: 'log for decoding', look: ({ settings }) => [server.judgeWalLevel(settings)] },
  { name: 'log budget of slots', look: ({ settings }) => [server.judgeWalBudget(settings)] },
  { name: 'idle slots', look: ({ settings }) => [server.judgeIdleSlotTimeout(settings)] },
  { name: 'decoding memory', look: ({ settings }) => [server.judgeDecodingMemory(settings)] },
  { name: 'commit timestamps', look: ({ settings }) => [server.judgeCommitTimestamps(settings)] },
  { name: 'slots left', look: (facts) => [placesLeft(facts, 'slots', facts.slots.length)] },
  {
    name: 'senders left',
    look: async (facts) => [placesLeft(facts, 'senders', await countWalSenders(facts.pool))],
  },
  { name: 'own slots', look: ({ slots, connectors }) => judgeOwnSlots(slots, connectors) },
  {
    name: 'other slots',
    look: ({ slots, connectors }) => judgeForeignSlots(slots, new Set(slotsOf(connectors))),
  },
  {
    name: 'standby',
    look: ({ slots, settings, connectors }) => [
      judgeStandbySlots(slots, settings.synchronizedStandbySlots, connectors.some(asksForFailover)),
    ],
  },
  {
    name: 'long transactions',
    look: async ({ pool }) => judgeTransactions(await readLongTransactions(pool)),
  },
];

export function serverSection(found: PostgresServer): Section<ServerFacts> {
  const databases = listed(found.services.map(({ database }) => database));
  return {
    title: `Postgres server ${found.address} (${databases})`,
    reach: async () => ({
      ...found,
      settings: await server.readServerSettings(found.pool),
      slots: await readServerSlots(found.pool),
    }),
    remedy: START,
    checks: serverChecks,
  };
}

const slotsOf = (connectors: readonly OperatedConnector[]): string[] =>
  connectors.map(({ file }) => file.config['slot.name'] ?? '');

const asksForFailover = ({ file }: OperatedConnector): boolean => file.config['slot.failover'] === 'true';

function placesLeft(
  { settings, slots, connectors }: ServerFacts,
  what: 'slots' | 'senders',
  used: number,
): ReturnType<typeof server.judgePlacesLeft> {
  const has = (name: string): boolean =>
    slots.some((slot) => slot.name === name && (what === 'slots' || slot.active));
  return server.judgePlacesLeft(what, {
    max: what === 'slots' ? settings.maxSlots : settings.maxWalSenders,
    used,
    missing: slotsOf(connectors).filter((name) => !has(name)).length,
  });
}

interface DatabaseFacts {
  readonly service: OperatedService;
  readonly db: Queryable;
  readonly connectors: readonly OperatedConnector[];
  /** The service has an outbox. */
  readonly streams: boolean;
  readonly now: Date;
}

const databaseChecks: readonly Check<DatabaseFacts>[] = [
  {
    name: 'migrations',
    look: async ({ db, service }) => {
      const states = [];
      for (const set of service.migrations) states.push(await readMigrations(db, set));
      return judgeMigrations(states);
    },
  },
  {
    name: 'roles',
    look: async ({ db, service, streams }) => {
      const expected = expectedRoles(service.name, streams);
      return judgeRoles(
        await readRoles(
          db,
          expected.map(({ name }) => name),
        ),
        expected,
      );
    },
  },
  {
    name: 'time limits',
    look: async ({ db, service }) => judgeAppTimeouts((await readRoles(db, [`${service.name}_app`]))[0]),
  },
  {
    name: 'rights on the database',
    look: async ({ db, service, streams }) => {
      const roles = rolesOf(service, streams);
      return judgeDatabaseRights(await readDatabaseRights(db, [...roles.keys()]), roles, service.database);
    },
  },
  {
    name: 'rights on tables',
    look: async ({ db, service, streams }) => {
      const roles = rolesOf(service, streams);
      const judged = judgeTableRights(await readTableRights(db, [...roles.keys()]), roles);
      return wrongOr(judged, 'each role has what the migrations grant, no more and no less');
    },
  },
];

const outboxChecks: readonly Check<DatabaseFacts>[] = [
  {
    name: 'publication',
    look: async ({ db, connectors, service }) => {
      if (connectors.length === 0) return [noConnectorFile(service)];
      const judged = await Promise.all(
        connectors.map(async ({ file }) => {
          const publication = file.config['publication.name'] ?? '';
          const names = { publication, connector: file.name };
          return judgePublication(await readPublication(db, publication), names);
        }),
      );
      return judged.flat();
    },
  },
  {
    name: 'replica identity',
    look: async ({ db }) => [judgeReplicaIdentities(await readReplicaIdentities(db))],
  },
  {
    name: 'outbox partitions',
    look: async ({ db, now }) => {
      const partitions = await readPartitions(db, 'pipeline.outbox');
      return [
        judgeAhead(partitions, 'pipeline.outbox', now),
        judgeOldestOutboxDay(partitions, OUTBOX_RETENTION_DAYS, now),
        ...judgeNoDefault(partitions, 'pipeline.outbox'),
      ];
    },
  },
];

const consumerChecks: readonly Check<DatabaseFacts>[] = [
  {
    name: 'memory of events',
    look: async ({ db, now }) => {
      const partitions = await readPartitions(db, 'pipeline.processed_events');
      return [
        judgeAhead(partitions, 'pipeline.processed_events', now),
        judgeMemory(partitions, HORIZON_DAYS, now),
        ...judgeNoDefault(partitions, 'pipeline.processed_events'),
      ];
    },
  },
];

export function databaseSection(
  service: OperatedService,
  connectors: readonly OperatedConnector[],
  now: Date,
): Section<DatabaseFacts> {
  const sets = service.migrations.map(({ name }) => name);
  const [streams, consumes] = [sets.includes('outbox'), sets.includes('consumer')];
  return {
    title: `Postgres database ${service.database}${service.database === service.name ? '' : ` (${service.name})`}`,
    reach: async () => {
      await reachDatabase(service);
      const own = connectors.filter((connector) => connector.service === service);
      return { service, db: service.pool, connectors: own, streams, now };
    },
    remedy: START,
    checks: [...databaseChecks, ...(streams ? outboxChecks : []), ...(consumes ? consumerChecks : [])],
  };
}

async function reachDatabase({ name, database, pool }: OperatedService): Promise<void> {
  try {
    await pool.query({ text: 'select 1' });
  } catch (error) {
    throw new PipelineError(
      'database_unreachable',
      `Database ${database} can't be used: ${describeError(error)}.`,
      {
        remedy: `Start Postgres (npm run stack -- up postgres), or mend ${name.toUpperCase()}_OPS_DATABASE_URL.`,
        cause: error,
      },
    );
  }
}

function rolesOf(service: OperatedService, streams: boolean): Map<string, RoleKind | 'public'> {
  return new Map<string, RoleKind | 'public'>([
    [`${service.name}_app`, 'app'],
    ...(streams ? [[`${service.name}_cdc`, 'cdc'] as const] : []),
    [`${service.name}_ops`, 'ops'],
    [`${service.name}_audit`, 'audit'],
    ...(streams ? [[`${service.name}_repair`, 'repair'] as const] : []),
    ['public', 'public'],
  ]);
}

const noConnectorFile = (service: OperatedService): ReturnType<typeof problem> =>
  problem(
    `No connector file reads database ${service.database}: its events go nowhere.`,
    `Write connectors/${service.connector ?? `${service.name}-outbox`}.json (connectors/README.md).`,
  );
