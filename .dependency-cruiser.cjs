/** The layer rules of the design: arrows point one way. */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contract-is-pure',
      comment: 'The contract imports zod and its own files only.',
      severity: 'error',
      from: { path: '^preload/contract/' },
      to: { pathNot: ['^preload/contract/', 'node_modules/zod/'] },
    },
    {
      name: 'preload-is-narrow',
      severity: 'error',
      from: { path: '^preload/index\\.ts$' },
      to: { pathNot: ['^preload/contract/', '^electron$', 'node_modules/electron/'] },
    },
    {
      name: 'page-knows-the-contract-only',
      comment: 'The page imports nothing of main, of the preload script, of Node or of Electron.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: ['^(main|preload/index|build|test)', 'node_modules/electron/', '^electron$'] },
    },
    {
      name: 'page-without-node',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'first-screen-without-react',
      comment: 'The screens before the unlock are Preact, so that the first one waits for little (decision 20).',
      severity: 'error',
      from: { path: '^renderer/(features/lock/|app/(main|startPage|App|UnlockedPlace)\\.tsx?$)' },
      to: {
        path: ['node_modules/(react|react-dom|@mantine|@tanstack|@tabler)/', '^renderer/parts/.*\\.tsx$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'main-without-page',
      severity: 'error',
      from: { path: '^main/' },
      to: { path: ['^(renderer|build|test)/', '^preload/index'] },
    },
    {
      name: 'cache-runs-in-plain-node',
      severity: 'error',
      from: { path: '^main/(cache|audit)/' },
      to: { path: ['node_modules/electron/', '^electron$'] },
    },
    {
      name: 'cache-stands-alone',
      comment: 'It masks the same elements of a record as are sealed before a record is sent.',
      severity: 'error',
      from: { path: '^main/cache/' },
      to: {
        path: '^main/',
        pathNot: ['^main/cache/', '^main/fhir/bundle-text\\.ts$', '^main/documents/fields/(elements|whole)\\.ts$'],
      },
    },
    {
      name: 'features-get-each-other-from-compose',
      comment:
        'A feature takes another as a value only through compose.ts (or the command line); the types of what it is handed are free. The process of the audit log shares how databases are opened, asked and set aside, that of documents how keys are handed over; a dose is spelt in one way, written or read; what is signed has one canonical text.',
      severity: 'error',
      from: { path: '^main/([^/]+)/', pathNot: '^main/(ipc|cache|compose|audit-cli)/' },
      to: {
        path: '^main/[^/]+/',
        pathNot: [
          '^main/$1/',
          '^main/cache/(open|rpc|parent-port|store-error|statements|set-aside|upgrade|handover)\\.ts$',
          '^main/fhir/bundle-text\\.ts$',
          '^main/cache/views/safe-doses\\.ts$',
          '^main/audit/log/canonical\\.ts$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'parts-know-nothing-of-the-wiring',
      severity: 'error',
      from: { path: '^main/', pathNot: '^main/(compose/|compose\\.ts$|index\\.ts$)' },
      to: { path: '^main/compose(/|\\.ts$)' },
    },
    {
      name: 'program-without-the-command-line',
      severity: 'error',
      from: { path: '^main/', pathNot: '^main/audit-cli(/|\\.ts$)' },
      to: { path: '^main/audit-cli(/|\\.ts$)' },
    },
    {
      name: 'development-only',
      comment: 'What is never shipped is never imported by what is.',
      severity: 'error',
      from: { path: '^(main|preload|renderer)/' },
      to: {
        dependencyTypes: ['npm-dev'],
        pathNot: [
          'node_modules/(@types|electron|preact|react|react-dom|@mantine|@tanstack|@tabler|@lingui|uplot|diff|pdfjs-dist|dicom-parser)/',
          'node_modules/@types/',
        ],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^out/', '\\.css$'] },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
