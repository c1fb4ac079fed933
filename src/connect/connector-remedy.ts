/** What usually helps, by what Debezium, Postgres and Connect say. The first that matches wins. */
const remedies: readonly [RegExp, string][] = [
  [
    /\$\{env:/,
    "The Connect worker has no such variable: set it in the worker's environment (the names that its allow-list lets through begin with CDC_) and restart the worker.",
  ],
  [
    /password authentication failed|no password was provided/i,
    "Compare the role's password with CDC_…_PASSWORD in the environment of the Connect worker, which reads it when it starts.",
  ],
  [
    /publication autocreation is disabled|publication "[^"]*" does not exist/i,
    "Create the publication by running the service's migrations, then register again.",
  ],
  [
    /slot .* is active|already active/i,
    'Another process reads this slot (select * from pg_replication_slots): stop it, or give this connector a slot.name of its own.',
  ],
  [
    /all replication slots are in use|number of requested standby connections/i,
    'Raise max_replication_slots and max_wal_senders, or drop a slot that nobody needs.',
  ],
  [
    /permission denied|replication role|must be superuser/i,
    'Give the role REPLICATION and SELECT on the outbox, no more.',
  ],
  [/database "[^"]*" does not exist/i, 'Create the database and run its migrations first.'],
  [
    /connection to .* refused|unknownhost|connection attempt failed|the connection attempt/i,
    'Start Postgres, or mend CDC_DB_HOST and CDC_DB_PORT in the environment of the Connect worker.',
  ],
  [
    /RecordTooLarge/,
    'The topic or the broker takes less than the 900,000 bytes that an event may have: raise max.message.bytes to 1 MiB, then restart the connector.',
  ],
  [/wal_level|logical decoding requires/i, 'Set wal_level = logical and restart Postgres.'],
  [
    /failed to find any class|class .* could not be found|ClassNotFound/i,
    "Put Debezium 3.7's Postgres connector into a folder of the worker's plugin.path and restart the worker.",
  ],
];

/** The remedy for a failure's text, or a general one. */
export function remedyFor(reason: string): string {
  const found = remedies.find(([pattern]) => pattern.test(reason));
  return found?.[1] ?? "Mend what it says, look into the Connect worker's log for more, and register again.";
}
