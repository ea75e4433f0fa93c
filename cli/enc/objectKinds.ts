// KIND/NAME as people write it on the command line, in any of kubectl's spellings.
import { isPersonalCommitment } from '../../receipts/personalCommitment.js';
import { CliError } from '../bpci/cliError.js';

export interface ObjectName {
  kind: string;
  namespace?: string;
  name: string;
}

interface KindWords {
  kind: string;
  namespaced: boolean;
  words: readonly string[];
}
const KINDS: readonly KindWords[] = [
  { kind: 'Pod', namespaced: true, words: ['pod', 'pods', 'po'] },
  { kind: 'Binding', namespaced: true, words: ['binding', 'bindings'] },
  { kind: 'Workload', namespaced: true, words: ['workload', 'workloads', 'wl'] },
  { kind: 'Agreement', namespaced: false, words: ['agreement', 'agreements', 'agr'] },
  { kind: 'BisoPolicy', namespaced: false, words: ['bisopolicy', 'bisopolicies', 'biso'] },
  { kind: 'TrafficRule', namespaced: false, words: ['trafficrule', 'trafficrules', 'tr'] },
  { kind: 'PolicyException', namespaced: false, words: ['policyexception', 'policyexceptions', 'pex'] },
  { kind: 'Proposal', namespaced: false, words: ['proposal', 'proposals', 'prop'] },
  { kind: 'Dispute', namespaced: false, words: ['dispute', 'disputes', 'disp'] },
  { kind: 'EncCluster', namespaced: false, words: ['enccluster', 'encclusters', 'encc'] },
  { kind: 'Node', namespaced: false, words: ['node', 'nodes', 'no'] },
  { kind: 'PersonalName', namespaced: true, words: ['personalname', 'personalnames'] },
  { kind: 'Namespace', namespaced: false, words: ['namespace', 'namespaces', 'ns'] },
];
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Throws CliError naming the kinds there are. `namespace` is used for namespaced kinds only. */
export function parseObjectName(text: string, namespace: string): ObjectName {
  const [word = '', name = '', ...rest] = text.split('/');
  const found = KINDS.find(({ words }) => words.includes(word.toLowerCase()));
  if (!found) throw new CliError(`"${text}": "${word}" is no kind; write KIND/NAME with one of ${KINDS.map(({ words }) => words[0]).join(', ')}`);
  if (rest.length > 0 || !(NAME.test(name) || isPersonalCommitment(name))) throw new CliError(`"${text}": "${[name, ...rest].join('/')}" is no object name; write KIND/NAME, as ${word}/example`);
  return { kind: found.kind, name, ...(found.namespaced ? { namespace } : {}) };
}

export const showObject = ({ kind, namespace, name }: { kind: string; namespace?: string; name: string }): string =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
