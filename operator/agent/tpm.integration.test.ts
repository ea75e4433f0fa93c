// Real quotes of a TPM 2.0 (swtpm, through tpm2-tools), taken by the ledger's rules; and what is no proof, refused.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncClusterSpec } from '../../api/index.js';
import { signNodeCommitment, tpmNonce } from '../../chain/client/nodeCommitment.js';
import { ReadyChain } from '../../chain/ledger/testing/readyChain.js';
import { nodeCommit, nodeReport } from '../../chain/ledger/testing/samplePayloads.js';
import { stateKeys, type NodeCommitment, type NodeRecord } from '../../chain/types.js';
import { bls } from '../../crypto/bls.js';
import { Tpm } from './tpm.js';

const NODE_SECRET = bls.keyFromSeed(new Uint8Array(32).fill(7));
const identity = { name: 'eu-tpm', blsPublicKey: bls.publicKey(NODE_SECRET) };

let swtpm: ChildProcess;
let folder: string;
let tpm: Tpm;

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Two free ports in a row: swtpm's commands and its control channel, which tpm2-tools expect at the next port. */
async function freePair(): Promise<number> {
  const listen = (port: number) =>
    new Promise<net.Server | undefined>((resolve) => {
      const server = net.createServer().once('error', () => resolve(undefined));
      server.listen(port, '127.0.0.1', () => resolve(server));
    });
  for (;;) {
    const first = (await listen(0))!;
    const { port } = first.address() as net.AddressInfo;
    const second = await listen(port + 1);
    await Promise.all([first, second].map((server) => server && new Promise((resolve) => server.close(resolve))));
    if (second) return port;
  }
}

beforeAll(async () => {
  if (!has('swtpm') || !has('tpm2_quote')) {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { env: environment });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'swtpm', 'tpm2-tools'], { env: environment });
  }
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-swtpm-'));
  const port = await freePair();
  const address = (number: number) => `type=tcp,port=${number},bindaddr=127.0.0.1`;
  swtpm = spawn('swtpm', ['socket', '--tpm2', '--tpmstate', `dir=${folder}`, '--server', address(port), '--ctrl', address(port + 1), '--flags', 'not-need-init,startup-clear'], { stdio: 'ignore' });
  tpm = new Tpm(`swtpm:host=127.0.0.1,port=${port}`);
  for (let tries = 0; ; tries++) {
    try {
      await tpm.quote(new Uint8Array(32));
      return;
    } catch (error) {
      if (tries === 50) throw error;
    }
  }
});
afterAll(() => {
  swtpm?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function commitmentWith(chain: ReadyChain, attestationProof: NodeCommitment['attestationProof']): NodeCommitment {
  const { blsPublicKey: _key, blsProofOfPossession: _proof, commitmentSignature: _signature, ...fields } = nodeCommit(identity.name);
  return signNodeCommitment({ chainId: chain.genesis.chainId, ...fields, attestationProof }, NODE_SECRET);
}
const challenge = (chain: ReadyChain) => (chain.run('node-operator', 'node.challenge', { name: identity.name }).details as { blockHash: string }).blockHash;

/** A challenge, the real quote over its nonce, and the commitment with what `change` makes of it. */
async function commit(chain: ReadyChain, change: (quote: NonNullable<NodeCommitment['attestationProof']>) => NodeCommitment['attestationProof'] = (quote) => quote, wait = 0) {
  const quote = await tpm.quote(tpmNonce(challenge(chain), identity));
  return chain.run('node-operator', 'node.commit', commitmentWith(chain, change(quote)), chain.nextTime + wait);
}

describe('a commitment with a TPM quote', () => {
  it('is taken, and what the TPM attests is on record', async () => {
    const chain = new ReadyChain();
    expect(await commit(chain)).toMatchObject({ outcome: 'applied', details: { attested: true } });
    const { attested } = chain.record<NodeRecord>(stateKeys.node(identity.name))!;
    expect(Object.keys(attested!.pcrs)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(attested!.keyHash).toMatch(/^[0-9a-f]{64}$/);
  });

  const flipped = (hex: string) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
  it.each<[string, Parameters<typeof commit>[1], RegExp]>([
    ['with another PCR value than the TPM attests', (quote) => ({ ...quote, pcrs: { ...quote.pcrs, 4: 'ab'.repeat(32) } }), /PCR values/],
    ['with fewer PCRs than were quoted', ({ pcrs: { 7: _, ...pcrs }, ...quote }) => ({ ...quote, pcrs: pcrs as Record<string, string> }), /PCR values/],
    ['with a changed signature', (quote) => ({ ...quote, signature: flipped(quote.signature) }), /signature/],
    ['of another key', (quote) => ({ ...quote, key: flipped(quote.key) }), /signature/],
    ['that no TPM made', (quote) => ({ ...quote, attested: flipped(quote.attested) }), /no quote/],
  ])('is refused %s', async (_name, change, says) => {
    const result = await commit(new ReadyChain(), change);
    expect(result).toMatchObject({ outcome: 'refused', code: 'BadAttestation' });
    expect(result.reason).toMatch(says);
  });

  it('is refused when it is late, answers an earlier challenge, or none', async () => {
    const chain = new ReadyChain();
    expect((await commit(chain, undefined, 61_000)).reason).toMatch(/after its challenge/);
    const old = await tpm.quote(tpmNonce(challenge(chain), identity));
    challenge(chain);
    expect(chain.run('node-operator', 'node.commit', commitmentWith(chain, old)).reason).toMatch(/nonce/);
    expect(chain.run('node-operator', 'node.commit', commitmentWith(new ReadyChain(), old))).toMatchObject({ code: 'BadAttestation' });
    expect(new ReadyChain().run('node-operator', 'node.commit', commitmentWith(chain, old)).reason).toMatch(/answers no challenge/);
  });
});

describe('a class of data that demands attested nodes', () => {
  const demanding = (attestation: object) => new ReadyChain({ attestation: { classifications: ['Restricted'], pcrs: [], keys: [], maxAgeSeconds: 86_400, ...attestation } } as Partial<EncClusterSpec>);
  async function placed(chain: ReadyChain): Promise<{ code: string; reason: string }> {
    await commit(chain);
    chain.run('operator', 'node.report', nodeReport(identity.name));
    chain.admit('pod-1');
    return chain.place('pod-1');
  }
  it('is placed on the node with the quote, and on no other', async () => {
    const chain = demanding({});
    chain.admit('pod-0');
    expect(chain.place('pod-0').reason).toContain('1 node without a TPM quote');
    expect(await placed(chain)).toMatchObject({ code: 'Placed', details: { node: identity.name } });
  });
  it.each([
    ['whose PCR has another value', { pcrs: [{ index: 0, sha256: ['ab'.repeat(32)] }] }, 'with a value of PCR 0 that is not allowed'],
    ['whose key is not allowed', { keys: ['ab'.repeat(32)] }, 'with an attestation key that is not allowed'],
  ])('waits for a node %s', async (_name, attestation, says) => {
    const result = await placed(demanding(attestation));
    expect(result.code).toBe('Waiting');
    expect(result.reason).toContain(says);
  });
});
