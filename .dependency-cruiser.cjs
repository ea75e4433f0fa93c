// Who may import whom (design: layout). Each folder may import itself, node and packages, and what is listed for it here.
const may = {
  api: [],
  crypto: [],
  receipts: ['crypto'],
  policy: ['api'],
  chain: ['crypto', 'receipts', 'policy', 'api'],
  operator: ['api', 'policy', 'receipts', 'chain/client', 'chain/types', 'chain/courtTypes', 'chain/governanceTypes', 'chain/instructionTypes'],
  webhooks: ['api', 'policy', 'receipts', 'chain/client', 'chain/types'],
  services: ['api', 'policy', 'receipts', 'chain/client', 'chain/types', 'chain/courtTypes'],
};
const forbidden = Object.entries(may).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `${folder} may import only: ${allowed.join(', ') || 'packages'}`,
  severity: 'error',
  from: { path: `^${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^(api|crypto|receipts|policy|chain|operator|webhooks|services|cli|e2e|bench|scripts)/', pathNot: `^(${[folder, ...allowed].join('|')})(/|\\.)` },
}));
module.exports = {
  forbidden: [
    ...forbidden,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'only-crypto-imports-primitives', severity: 'error',
      comment: 'one place for cryptography, so that back ends can be exchanged and compared',
      from: { path: '^(api|receipts|policy|chain|operator|webhooks|services|cli|e2e|bench)/', pathNot: '^(bench|e2e)/|\\.test\\.ts$' },
      to: { path: 'node_modules/(@noble|@chainsafe)/' },
    },
    {
      name: 'pure-folders-do-no-io', severity: 'error',
      comment: 'policy, the consensus core, the ledger and the verifier decide; shells do I/O',
      from: { path: '^(policy|chain/consensus|chain/ledger|receipts/verify)', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'node-apart', severity: 'error', comment: 'the node program is nobody\'s library',
      from: { path: '^(operator|webhooks|services|policy|receipts|api|crypto|chain/(consensus|ledger|client))/', pathNot: '\\.test\\.ts$' },
      to: { path: '^chain/(node|sim)/' },
    },
    {
      name: 'client-apart', severity: 'error', comment: 'a verifying client trusts and imports no part of the node',
      from: { path: '^chain/client/', pathNot: '\\.test\\.ts$' }, to: { path: '^chain/(node|sim|ledger)/' },
    },
    {
      name: 'verifier-apart', severity: 'error', comment: 'what verifies receipts never imports what writes the log',
      from: { path: '^receipts/verify', pathNot: '\\.test\\.ts$' }, to: { path: '^receipts/(log|write)' },
    },
    { name: 'not-to-tests', severity: 'error', from: { pathNot: '\\.test\\.ts$|^e2e/|^bench/' }, to: { path: '\\.test\\.ts$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
