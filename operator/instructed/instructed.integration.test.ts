// The operator's own service account against a real API server: what a Proposal and a Dispute carry comes to the chain, and what happens there shows in their status.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Dispute, Proposal } from '../../api/index.js';
import { findCondition } from '../../api/conditions.js';
import { sample } from '../../api/testing/samples.js';
import { caseOf } from '../../chain/client/disputeObject.js';
import { signInstruction } from '../../chain/client/instructions.js';
import { contentOf } from '../../chain/client/proposalObject.js';
import { BPI, keyOf, testGenesis } from '../../chain/ledger/testing/testGenesis.js';
import { TestChain } from '../../chain/ledger/testing/testChain.js';
import { startControlPlane, type ControlPlane } from '../../e2e/cluster/controlPlane.js';
import { kubectlFor } from '../../e2e/stack/kubectl.js';
import { writeServiceAccountKubeconfig } from '../../e2e/stack/serviceAccountKubeconfig.js';
import { createInformers } from '../informers.js';
import { Operator } from '../operator.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { kubeApiFromFile } from '../runtime/kubeApiFromFile.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES } from '../runtime/kubeObject.js';
import { createMetrics } from '../runtime/metrics.js';
import { MemoryChain } from '../testing/memoryChain.js';
import { silentLogger } from '../testing/silentLogger.js';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
// The bank pays deposits of proposals and cases.
const accounts = testGenesis().accounts.map((account) => (account.name === 'bank' ? { ...account, balance: 100 * BPI } : account));
const ledger = new TestChain(testGenesis({ accounts }));
const client = new MemoryChain(ledger);
let plane: ControlPlane;
let admin: KubeApi;
let own: KubeApi;
let operator: Operator;

const soon = <T>(what: () => Promise<T> | T) => vi.waitFor(what, { timeout: 20_000, interval: 50 });
const pathOf = (object: Proposal | Dispute) => RESOURCES[object.kind].path(object.metadata.name);
const read = <R extends Proposal | Dispute>(object: R) => admin.get<R>(pathOf(object));
const newest = (type: string) => client.statements().findLast(({ operationType }) => operationType === type);

beforeAll(async () => {
  plane = await startControlPlane();
  admin = kubeApiFromFile(plane.kubeconfig);
  const kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
  for (const folder of ['crds', 'config/crds', 'config/rbac']) {
    for (const file of readdirSync(path.join(checkout, folder)).toSorted())
      expect(await kubectl(['apply', '--server-side', '-f', path.join(checkout, folder, file)])).toMatchObject({ code: 0 });
  }
  for (const kind of ['Proposal', 'Dispute'] as const) await soon(() => admin.get(RESOURCES[kind].collection));
  const file = path.join(plane.folder, 'operator.kubeconfig');
  await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig: plane.kubeconfig, namespace: 'enc-system', account: 'enc-operator', file });
  own = kubeApiFromFile(file);
  const metrics = createMetrics();
  operator = new Operator({ api: own, client, genesis: ledger.genesis, logger: silentLogger(), metrics, informers: createInformers(own, silentLogger(), metrics), identity: 'test' });
  await operator.start();
});
afterAll(async () => {
  await operator?.stop();
  own?.close();
  admin?.close();
  await plane?.stop();
});

it('a Proposal is a draft, then on the chain once its proposer has signed', async () => {
  const object = sample('Proposal');
  const { title, reason, content } = object.spec;
  object.spec = { title, reason, content, votes: [] };
  await admin.create(RESOURCES.Proposal.collection, object);
  await soon(async () => expect((await read(object)).status).toMatchObject({ state: 'Draft' }));
  const { signer: proposer, serial, signature } = signInstruction(client.chainId, { type: 'proposal.submit', payload: { title, reason, content: contentOf(object.spec) }, serial: 1 }, keyOf('bank'));
  await admin.patch(pathOf(object), 'application/merge-patch+json', { spec: { proposer, serial, signature } });
  const voting = await soon(async () => {
    const now = await read(object);
    expect(now.status).toMatchObject({ state: 'Voting', kind: 'EconomicParameter', approve: 0 });
    return now;
  });
  expect(findCondition(voting.status?.conditions, 'Accepted')).toMatchObject({ status: 'True', reason: 'Finalised' });
  expect(newest('instruction.carry')).toMatchObject({ outcome: 'applied', code: 'Proposed' });
  await admin.delete(pathOf(object));
  await soon(async () => expect(await read(object).then(() => false, (error: unknown) => isKubeError(error, 'NotFound'))).toBe(true));
});

it('a Dispute is a case on the chain, and shows what others file there', async () => {
  const object = sample('Dispute');
  Object.assign(object.spec, { respondent: keyOf('processor').publicKey, filings: [], appeals: [] });
  const { signer: claimant, serial, signature } = signInstruction(client.chainId, { type: 'case.open', payload: caseOf(object.spec), serial: 1 }, keyOf('bank'));
  Object.assign(object.spec, { claimant, serial, signature });
  await admin.create(RESOURCES.Dispute.collection, object);
  const opened = await soon(async () => {
    const now = await read(object);
    expect(now.status).toMatchObject({ state: 'Evidence', tier: 1, evidence: [expect.stringContaining('testimony')] });
    return now;
  });
  client.commit([ledger.sign('processor', 'case.evidence', { caseId: opened.status!.caseId!, evidence: { type: 'record', key: 'supply' } })]);
  await soon(async () => {
    const now = await read(object);
    expect(now.status).toMatchObject({ evidence: [expect.any(String), expect.stringContaining('supply')] });
    expect(now.status!.latestReceipt!.id).toBe(newest('case.evidence')!.receiptId);
  });
});
