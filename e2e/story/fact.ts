// One thing the story shows: what was done, what the system answered, and the certified receipt that proves it.
import type { ChainClient } from '../../chain/client/types.js';
import type { Genesis } from '../../chain/types.js';
import type { ReceiptBundle, ValidatorSet } from '../../receipts/types.js';
import type { Layout } from '../stack/layout.js';
import type { Kubectl, KubectlResult } from '../stack/kubectl.js';
import type { Cluster } from '../cluster/provider.js';
import type { ClusterAccess, StoryObject } from './clusterAccess.js';

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

/** How a fact ended that could not be told to its end. */
export interface Untold {
  title: string;
  /** false: it failed. */
  leftOut: boolean;
  reason: string;
}
export type Told = Fact | Untold;
export const isUntold = (told: Told): told is Untold => 'leftOut' in told;

/** What a receipt says after it was verified against the validator set alone. */
export interface CertifiedReceipt {
  id: string;
  height: number;
  signers: string[];
  outcome: string;
  code: string;
  bundle: ReceiptBundle;
}

/** What every fact has, wherever it is told. */
export interface StoryContext {
  access: ClusterAccess;
  namespace: string;
  /** An object of examples/, as it is applied here. */
  example(file: string): StoryObject;
  /** What a cluster-wide object of the examples is called here. */
  named(name: string): string;
  /** Image, command and rights of the containers of the story's own pods. */
  container: Record<string, unknown>;
  /** A party's. */
  keyFile(party: string): string;
  /** That of the examples, under enforcement. */
  makeNamespace(): Promise<void>;
  /** What shows that a pod's container really runs; undefined where its node only pretends to. */
  answerOf(pod: string, node: string): Promise<string | undefined>;
  /** For files that the facts write. */
  storyDir: string;
  genesisFile: string;
  /** Where the examples' EU is. */
  home: string;
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

/** Told where the validators' and parties' own keys are at hand, beside the whole stack. */
export interface LocalStory extends StoryContext {
  layout: Layout;
  cluster: Cluster;
  kubectl: Kubectl;
}
