// Which way imports point (docs/design.md, "Source layout"). `npm run lint` holds every file against it.

const data = ['core', 'texts', 'config', 'editors', 'declarations'];

/**
 * What each folder of src may import beside itself. The entry points below construct everything and may import all of
 * it. tests/law/layout.test.ts sees that no folder is left out.
 */
const may = {
  core: [],
  texts: ['core'],
  config: ['core', 'texts'],
  editors: ['core', 'texts'],
  declarations: ['core', 'texts', 'config', 'editors'],

  // What decides, and what is printed and read back. None of these knows another, but for Terraform's section of the
  // comment, which is printed where plans of Terraform are, and for the words of a playbook's plan.
  diagnosers: data,
  inventory: data,
  planners: data,
  policy: data,
  records: [...data, 'ansible', 'terraform'],
  signals: data,
  terraform: [...data, 'records'],
  ansible: data,

  // What touches the world: a network, a process, a disk.
  appliers: ['core', 'texts', 'clients', 'terraform', 'ansible'],
  check: [...data, 'policy'],
  clients: ['core', 'texts'],
  evidence: ['core', 'texts', 'clients'],
  forges: ['core', 'texts', 'git'],
  git: ['core', 'texts'],
  ledger: ['core', 'texts', 'git', 'records'],
  notify: ['core', 'texts', 'config'],
  store: ['core', 'texts'],
  synth: ['core', 'texts'],

  // The two halves. Deliver knows nothing of diagnoses; heal stands on deliver's truth and its plan.
  deliver: [
    ...data,
    'ansible',
    'terraform',
    'inventory',
    'planners',
    'policy',
    'records',
    'forges',
    'git',
    'ledger',
    'appliers',
    'evidence',
  ],
  heal: [
    ...data,
    'diagnosers',
    'inventory',
    'planners',
    'policy',
    'records',
    'forges',
    'git',
    'ledger',
    'evidence',
    'deliver',
  ],
  // What a comment asks for, who may ask, and the words of the answer.
  commands: [...data, 'policy', 'records', 'forges'],
  pipeline: [...data, 'commands', 'signals', 'inventory', 'planners', 'records', 'forges', 'ledger', 'deliver', 'heal'],

  // A job of the forge's CI in place of the service and the runner.
  ci: [...data, 'records', 'policy', 'forges', 'git', 'ledger', 'deliver', 'pipeline'],
  // Tries everything that the configuration names, and changes nothing.
  doctor: [
    ...data,
    'ansible',
    'terraform',
    'policy',
    'check',
    'ci',
    'clients',
    'forges',
    'git',
    'ledger',
    'notify',
    'store',
    'deliver',
  ],
  // A cluster as it is, into files.
  import: [...data, 'appliers', 'clients', 'terraform'],
  // Writes a repository that is not there yet.
  init: [...data, 'check', 'clients', 'forges', 'git', 'import'],
};

/** The terminal; the service and its page. */
const entryPoints = ['cli', 'serve', 'web'];

/** Folders that decide: values in, values out. Time, ids and everything read come in as arguments. */
const pure = [
  ...data,
  'ansible',
  'commands',
  'diagnosers',
  'inventory',
  'planners',
  'policy',
  'records',
  'signals',
  'terraform',
];

const either = (folders) => `^src/(${folders.join('|')})/`;

const layers = Object.entries(may).map(([folder, allowed]) => ({
  name: `imports-of-${folder}`,
  comment: `src/${folder} may import ${allowed.length === 0 ? 'nothing else of src' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: either([folder, ...allowed]) },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'no-cycle',
      comment:
        'Two files that need each other are one idea in two places. Types alone may go in a circle: they are erased.',
      severity: 'error',
      from: { path: '^(src|simulators|demo)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'pure-touches-nothing',
      comment:
        'What decides reads no file, clock, process or network. Digests are a function, so node:crypto may be used.',
      severity: 'error',
      from: { path: either(pure) },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'pure-needs-little',
      comment: 'Packages that compute and do nothing else. Another one belongs here only if it is as quiet.',
      severity: 'error',
      from: { path: either(pure) },
      to: { path: 'node_modules/', pathNot: 'node_modules/(canonicalize|ulid|yaml|zod)/' },
    },
    {
      name: 'halves-know-only-contracts',
      comment:
        'Mechanisms and sources are constructed at the entry point; deliver and heal know their interfaces alone.',
      severity: 'error',
      from: { path: either(['deliver', 'heal', 'pipeline']) },
      to: { path: either(['appliers', 'evidence']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-mechanism-does-not-know-another',
      comment: 'Each folder below these is registered in one line and can be taken out again.',
      severity: 'error',
      from: { path: '^src/(appliers|clients|diagnosers|evidence|forges|planners|signals)/([^/]+)/' },
      // forges/http is what the forges with a REST API share.
      // Whoever insists on declared sizes is judged exactly as who proposes them: one predicate, where it was first needed.
      to: { path: '^src/$1/[^/]+/', pathNot: '^src/($1/$2/|forges/http/|planners/resize-guest/verification\\.ts$)' },
    },
    {
      name: 'git-through-one-door',
      comment:
        'Programs are started in src/git, src/synth and src/appliers/program.ts only: argv, a clean environment, a time-out (docs/security.md).',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/((git|synth)/|appliers/program\\.ts$)' },
      to: { path: '(^|node_modules/)(node:)?(child_process|execa)(/|$)' },
    },
    {
      name: 'entry-points-are-imported-by-nobody',
      comment: 'They construct and call the pipeline; nothing that they call calls back.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/((${entryPoints.join('|')})/|(cli|app)\\.ts$)` },
      to: { path: `^src/((${entryPoints.join('|')})/|(cli|app)\\.ts$)` },
    },
    {
      name: 'product-stands-alone',
      comment:
        'Simulators serve the demo and the tests; the demo serves its tests; infra is a template that is copied.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(simulators|demo|tests|infra)/' },
    },
    {
      name: 'infra-is-imported-by-nobody',
      comment: 'It becomes somebody else’s repository.',
      severity: 'error',
      from: { pathNot: '^(infra|tests)/' },
      to: { path: '^infra/' },
    },
    {
      name: 'infra-stands-alone',
      comment: 'It is copied without the rest.',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(src|simulators|demo|tests|policies)/' },
    },
    {
      name: 'stand-in-is-independent',
      comment: 'A stand-in that shares code with what it tests would share its mistakes.',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: '^(src|demo|tests|infra)/' },
    },
    {
      name: 'demo-uses-no-tests',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^(tests|infra)/' },
    },
    {
      name: 'product-has-its-dependencies',
      comment: 'What src imports is installed with `npm install --omit=dev`.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: { path: '^(src|simulators|demo|tests|bin)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'cdktf\\.out' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      // A package of types alone has no main.
      mainFields: ['main', 'types'],
    },
  },
};
