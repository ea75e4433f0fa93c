// Commitments that this agent signs itself, with the nodes' keys that it holds, and the quotes of their TPMs.
import type { NodeKey } from '../../chain/client/keyFile.js';
import { signNodeCommitment, tpmNonce } from '../../chain/client/nodeCommitment.js';
import type { ChainClient } from '../../chain/client/types.js';
import type { TpmEvidence } from '../../chain/client/tpmEvidence.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { CommitmentSource } from './agentReconciler.js';
import { CommitmentRefused } from './commitmentRefused.js';
import type { NodePlace } from './config.js';
import { decide } from './decide.js';
import { Tpm } from './tpm.js';

/** How often it is asked whether a node's quote grows old. */
const LOOK_AT_QUOTE_MS = 3_600_000;

export interface OwnCommitmentSources {
  client: ChainClient;
  chain: ChainWriter;
  places: ReadonlyMap<string, NodePlace>;
  keys: ReadonlyMap<string, NodeKey>;
  networkBandwidth: number;
}

export function ownCommitments({ client, chain, places, keys, networkBandwidth }: OwnCommitmentSources): CommitmentSource {
  return async (name, node, record) => {
    const place = places.get(name);
    const key = keys.get(name);
    if (!place || !key) return { quiet: 'the node is not ours to commit' };
    const decision = decide(node, place, record, { networkBandwidth, publicKey: key.publicKey, now: client.head().timestamp });
    if ('quiet' in decision) return decision;
    const attestationProof = decision.quote ? await quote(chain, place, key.publicKey) : null;
    const commitment = signNodeCommitment({ chainId: client.chainId, ...decision.commit, attestationProof }, key.privateKey);
    return decision.quote ? { commitment, againMs: LOOK_AT_QUOTE_MS } : { commitment };
  };
}

/** A quote over what nobody knew before the chain answered. */
async function quote(chain: ChainWriter, { name, tpm }: NodePlace, blsPublicKey: string): Promise<TpmEvidence> {
  const { outcome, code, reason, details } = await chain.send('node.challenge', { name });
  if (outcome !== 'applied') throw new CommitmentRefused(code, reason);
  return new Tpm(tpm!).quote(tpmNonce((details as { blockHash: string }).blockHash, { name, blsPublicKey }));
}
