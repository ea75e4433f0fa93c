// A test chain that is ready to admit and place: a cluster, a policy for EU data, and nodes in two regions.
import type { EncClusterSpec } from '../../../api/index.js';
import { evaluate } from '../../../policy/evaluate.js';
import type { AdmissionFacts } from '../../../policy/types.js';
import type { Genesis, Payloads, TransactionResult } from '../../types.js';
import { policyPointer, policySetAt } from '../policySet/policySet.js';
import { clusterPut, nodeCommit, nodeReport, podFacts, policyPut, specHashOf, uidOf } from './samplePayloads.js';
import { TestChain } from './testChain.js';

/** Its webhook and operator, as far as one pod needs them. */
export class ReadyChain extends TestChain {
  constructor(cluster: Partial<EncClusterSpec> = {}, genesis?: Genesis) {
    super(genesis);
    const policy = policyPut();
    const rules = policy.spec.rules.map((rule) => ({ ...rule, match: { sourceRegions: rule.match.sourceRegions! } }));
    this.commit([
      this.sign('operator', 'cluster.put', clusterPut({ spec: { ...clusterPut().spec, ...cluster } })),
      this.sign('operator', 'policy.put', { ...policy, spec: { ...policy.spec, rules } }),
      this.sign('node-operator', 'node.commit', nodeCommit('eu-1')),
      this.sign('node-operator', 'node.commit', nodeCommit('us-1', { region: 'US', zone: 'us-a' })),
      this.sign('operator', 'node.report', nodeReport('eu-1')),
      this.sign('operator', 'node.report', nodeReport('us-1', { labels: {} })),
    ]);
  }

  /** As an honest webhook gives it now, for the next block. */
  verdict(facts: AdmissionFacts): Payloads['admission.verdict'] {
    const set = policySetAt(this.state, policyPointer(this.state).policyHeight)!;
    return { facts, verdict: evaluate(set, facts) };
  }

  /** As of the next block's time. */
  facts(name: string, changes: Partial<AdmissionFacts> = {}): AdmissionFacts {
    return podFacts(name, { time: this.nextTime, ...changes });
  }

  admit(name: string, changes: Partial<AdmissionFacts> = {}): TransactionResult {
    return this.run('webhook', 'admission.verdict', this.verdict(this.facts(name, changes)));
  }

  place(name: string, changes: Partial<Payloads['placement.request']> = {}): TransactionResult {
    return this.run('operator', 'placement.request', { podUid: uidOf(name), specHash: specHashOf(name), attempt: 1, ...changes });
  }

  move(name: string, to: Payloads['placement.transition']['to'], reason = ''): TransactionResult {
    return this.run('operator', 'placement.transition', { podUid: uidOf(name), to, reason });
  }
}
