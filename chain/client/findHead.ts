// Where the chain is when a client starts: the highest certified header among those of f+1 validators, linked to what the client believed before.
import { setTimeout as sleep } from 'node:timers/promises';
import { stateKeys } from '../types.js';
import { certifiedHeaders, stateAnswer, type CertifiedHeader } from './answers.js';
import type { Validators } from './askValidators.js';
import { ChainError } from './chainError.js';
import { unverified, type HeaderChain } from './headerChain.js';
import type { Timing } from './timing.js';

const GRACE_MS = 150;
const BATCH = 500;
const MAX_PAUSE_MS = 1_000;

/** Starts the chain at the latest block. With an earlier head, every header since is checked to follow it. Throws ChainError. */
export async function startAtLatest(chain: HeaderChain, validators: Validators, timing: Timing, earlier?: CertifiedHeader): Promise<void> {
  if (earlier) await startAtEarlier(chain, validators, earlier);
  const latest = await latestHeader(chain, validators, timing, earlier?.header.height ?? 1);
  if (!earlier) chain.startAt(latest);
  while (chain.head.height < latest.header.height) chain.extendBy(await headersAfter(chain, validators, timing));
}

/** A head under a set that came after the genesis is believed when validators show the steps that lead there. */
async function startAtEarlier(chain: HeaderChain, validators: Validators, earlier: CertifiedHeader): Promise<void> {
  const isSetKnown = (): boolean => {
    try {
      return chain.sets.of(earlier.header) !== undefined;
    } catch {
      return false;
    }
  };
  for (const endpoint of isSetKnown() ? [] : validators.pool.ordered(Date.now())) if (!isSetKnown()) await validators.learnSets(endpoint).catch(() => undefined);
  try {
    chain.startAt(earlier);
  } catch (cause) {
    throw new ChainError(
      'BadConfiguration',
      `the saved head of block ${earlier.header.height} is not of the chain of this genesis: ${(cause as Error).message}; remove the file if the chain was made anew`,
      {},
      { cause },
    );
  }
}

/** Waits for validators that are not up yet. Of f+1 answers, one is of an honest validator. */
async function latestHeader(chain: HeaderChain, validators: Validators, timing: Timing, minHeight: number): Promise<CertifiedHeader> {
  const deadline = Date.now() + timing.startMs;
  const question = {
    path: `/v1/state?key=${encodeURIComponent(stateKeys.currentPolicySet)}`,
    timeoutMs: timing.requestMs,
    read: (body: unknown): CertifiedHeader => {
      const { header, certificate } = stateAnswer(body, 'answer');
      chain.certify({ header, certificate });
      return { header, certificate };
    },
  };
  for (let pause = timing.retryMs; ; pause = Math.min(MAX_PAUSE_MS, 2 * pause)) {
    const { answers, faults } = await validators.askAll(question, validators.enough, GRACE_MS);
    const highest = answers.toSorted((a, b) => b.header.height - a.header.height)[0];
    if (answers.length >= validators.enough && highest && highest.header.height >= minHeight) return highest;
    if (validators.stopped.aborted) throw new ChainError('Stopped', 'the client was stopped');
    if (Date.now() + pause >= deadline) {
      if (faults.length > 0) throw validators.failure(question, faults);
      throw new ChainError('Timeout', `the validators are at block ${highest?.header.height ?? 0}, before block ${minHeight} that was final already`);
    }
    await sleep(pause);
  }
}

async function headersAfter(chain: HeaderChain, validators: Validators, timing: Timing): Promise<CertifiedHeader[]> {
  const from = chain.head.height + 1;
  return validators.ask({
    path: `/v1/headers?from=${from}&limit=${BATCH}`,
    timeoutMs: timing.callMs,
    read: (body) => {
      const headers = certifiedHeaders(body, 'headers');
      if (headers.length === 0) throw unverified(`no header from ${from} on, though there are some`);
      chain.mustExtendBy(headers);
      return headers;
    },
  });
}
