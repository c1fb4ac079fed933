// Imports point one way. Run by `npm run lint`; each rule says what breaks without it.
const REUSABLE = '^src/(platform|events|outbox|consumer|connect|operate)/';
// Every other folder is a service, so that a new one need not be entered here.
const DOMAINS =
  '^src/(?!(?:platform|events|outbox|consumer|connect|operate|contracts|cli|dashboard)/)([^/]+)/';

const wall = (name, comment, library, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: allowed },
  to: { path: `(^|node_modules/)${library}(/|$)` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one idea, or one of them is in the wrong place.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'platform-knows-nobody',
      comment: 'The platform is what everything stands on.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/', pathNot: '^src/platform/' },
    },
    {
      name: 'events-know-the-platform',
      comment: 'Event types and their bytes are needed by writers and readers alike, so they know neither.',
      severity: 'error',
      from: { path: '^src/events/' },
      to: { path: '^src/', pathNot: '^src/(platform|events)/' },
    },
    {
      name: 'outbox-knows-events',
      comment: 'Writing events must not depend on reading them.',
      severity: 'error',
      from: { path: '^src/outbox/' },
      to: { path: '^src/', pathNot: '^src/(platform|events|outbox)/' },
    },
    {
      name: 'consumer-knows-outbox',
      comment: 'A consumer answers through the outbox, but knows no service.',
      severity: 'error',
      from: { path: '^src/consumer/' },
      to: { path: '^src/', pathNot: '^src/(platform|events|outbox|consumer)/' },
    },
    {
      name: 'connect-knows-the-platform',
      comment: 'Operating Kafka Connect works for any connector, whatever its events.',
      severity: 'error',
      from: { path: '^src/connect/' },
      to: { path: '^src/', pathNot: '^src/(platform|connect)/' },
    },
    {
      name: 'operate-knows-no-edge',
      comment:
        'Operating looks across all of the reusable part; whoever calls it gives it the pipeline as a value.',
      severity: 'error',
      from: { path: '^src/operate/' },
      to: { path: '^src/', pathNot: '^src/(platform|events|outbox|consumer|connect|operate)/' },
    },
    {
      name: 'contracts-know-events',
      comment: 'What is said between services must not depend on a service.',
      severity: 'error',
      from: { path: '^src/contracts/' },
      to: { path: '^src/', pathNot: '^src/(platform|events|contracts)/' },
    },
    {
      name: 'reusable-knows-no-domain',
      comment:
        'People put their own domains in place of ours; what they keep must not import what they replace.',
      severity: 'error',
      from: { path: REUSABLE },
      to: { path: `^src/(contracts|pipeline|open-pipeline|cli|dashboard)|${DOMAINS}` },
    },
    {
      name: 'domains-know-not-each-other',
      comment: 'Services talk by events only; an import would be a hidden call.',
      severity: 'error',
      from: { path: DOMAINS },
      to: { path: DOMAINS, pathNot: '^src/$1/' },
    },
    {
      name: 'nobody-imports-the-edges',
      comment: 'Commands, pages, scripts and tests are for people; the product must run without them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|dashboard)/' },
      to: { path: '^(src/(cli|dashboard)/|scripts/|test/)' },
    },
    {
      name: 'edges-know-not-each-other',
      comment:
        'The command line works without the page and the page without it; what both need has a place of its own.',
      severity: 'error',
      from: { path: '^src/(cli|dashboard)/' },
      to: { path: '^src/(cli|dashboard)/', pathNot: '^src/$1/' },
    },
    {
      name: 'page-knows-its-state',
      comment:
        'The page runs in a browser: of the rest of the code it knows the shape of what it is told, nothing else.',
      severity: 'error',
      from: { path: '^src/dashboard/page/' },
      to: { path: '^src/', pathNot: '^src/dashboard/(page/|dashboard-state\\.ts$)' },
    },
    wall(
      'kafkajs-wall',
      'kafkajs is unmaintained: whoever replaces it finds it in two folders.',
      'kafkajs',
      '^src/(platform/kafka|consumer)/',
    ),
    wall('avro-wall', 'The rest of the code sees typed values, never Avro.', 'avsc', '^src/events/'),
    wall(
      'pg-wall',
      'One place decides how connections are made, lost and given back.',
      'pg',
      '^src/platform/postgres/',
    ),
    wall(
      'express-wall',
      'Decisions must not know that they are called over HTTP.',
      'express',
      '^src/(.*/http|dashboard)/',
    ),
    wall(
      'opentelemetry-wall',
      'Where spans go is known in one folder, which is loaded only when they go somewhere.',
      '@opentelemetry',
      '^src/platform/tracing/',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
