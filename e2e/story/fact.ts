// One thing the story shows: what was done, what the system answered, and the certified receipt that proves it.
import type { ChainClient } from '../../chain/client/types.js';
import type { Genesis } from '../../chain/types.js';
import type { ReceiptBundle, ValidatorSet } from '../../receipts/types.js';
import type { Layout } from '../stack/layout.js';
import type { Kubectl, KubectlResult } from '../stack/kubectl.js';
import type { Cluster } from '../cluster/provider.js';

export interface Fact {
  title: string;
  /** The command a person would have typed. */
  command: string;
  /** What was expected to happen did. */
  holds: boolean;
  verdict: string;
  reason: string;
  receipt?: CertifiedReceipt;
}

/** What a receipt says after it was verified against the validator set alone. */
export interface CertifiedReceipt {
  id: string;
  height: number;
  signers: string[];
  outcome: string;
  code: string;
  bundle: ReceiptBundle;
}

export interface StoryContext {
  layout: Layout;
  cluster: Cluster;
  kubectl: Kubectl;
  /** `kubectl enc …` as a person would run it. */
  enc(arguments_: string[]): Promise<KubectlResult>;
  /** Fetches a finalised receipt and verifies it offline; throws when it does not verify. */
  certified(receiptId: string): Promise<CertifiedReceipt>;
  /** Verifies what it reads; it signs nothing. */
  client: ChainClient;
  genesis: Genesis;
  validatorSet: ValidatorSet;
  chainId: string;
}
