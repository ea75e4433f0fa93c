// The report as NIST OSCAL assessment results (version 1.1.3, JSON): a result with an observation and a finding for each statement, evidence by receipt.
import { sha256Hex } from '../../crypto/hash.js';
import type { ReceiptPredicate } from '../types.js';
import type { Finding } from './findings.js';
import { isoTime, receiptFile, reportTitle, type ReportHeader } from './reportHeader.js';

const OSCAL_VERSION = '1.1.3';
const NAMESPACE = 'https://enc.metanode.io/ns/oscal';

/** Made of what it names (version 5 and RFC 9562's variant), so that the same receipts give the same report. */
export function nameUuid(...parts: string[]): string {
  const hex = sha256Hex(parts.join('\n'));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const prop = (name: string, value: string) => ({ name, ns: NAMESPACE, value });

const evidenceOf = ({ receiptId, operationType, outcome, reason, blockHeight }: ReceiptPredicate) => ({
  href: receiptFile(receiptId),
  description: `${operationType}, ${outcome}: ${reason || 'no reason was given'}`,
  props: [prop('receipt-id', receiptId), prop('block-height', String(blockHeight))],
});

/** OSCAL lists are never empty: a member without entries is left out. */
const listed = <T>(name: string, list: readonly T[]) => (list.length > 0 ? { [name]: list } : {});

/** Nothing in it depends on when it is written. */
export function oscalReport(header: ReportHeader, findings: readonly Finding[]): Record<string, unknown> {
  const { chainId, namespace, from, to, height, headerHash, receipts, agreement } = header;
  const key = [chainId, namespace, agreement?.hash ?? '', String(from), String(to), headerHash];
  const uuid = (...parts: string[]) => nameUuid(...key, ...parts);
  const plan = uuid('plan');
  const collected = isoTime(to);
  const observations = findings.map(({ id, title, reason, evidence }) => ({
    uuid: uuid('observation', id),
    title,
    description: reason,
    methods: ['TEST'],
    types: ['finding'],
    ...listed('relevant-evidence', evidence.map(evidenceOf)),
    collected,
  }));
  return {
    'assessment-results': {
      uuid: uuid('report'),
      metadata: {
        title: reportTitle(header),
        'last-modified': collected,
        version: `${height}`,
        'oscal-version': OSCAL_VERSION,
        props: [prop('chain-id', chainId), prop('block-height', String(height)), prop('block-hash', headerHash)],
      },
      'import-ap': { href: `#${plan}` },
      results: [
        {
          uuid: uuid('result'),
          title: reportTitle(header),
          description: `From all ${receipts} receipts of namespace ${namespace} from ${isoTime(from)} to ${collected}, proved whole by the ledger's state as of block ${height} of chain ${chainId}.`,
          start: isoTime(from),
          end: collected,
          'reviewed-controls': { 'control-selections': [{ 'include-controls': findings.map(({ id }) => ({ 'control-id': id })) }] },
          observations,
          findings: findings.map(({ id, title, state, reason, regulations }) => ({
            uuid: uuid('finding', id),
            title,
            description: reason,
            ...listed('props', regulations.map((regulation) => prop('regulation', regulation))),
            target: { type: 'objective-id', 'target-id': id, status: { state, reason: state === 'satisfied' ? 'pass' : 'fail' } },
            'related-observations': [{ 'observation-uuid': uuid('observation', id) }],
          })),
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: plan,
            title: 'What is assessed',
            description: 'Continuous: every operation in an enforced namespace leaves a receipt in the log of the chain, and each statement here is worked out from all of them.',
            ...listed('props', agreement ? [prop('agreement', agreement.name), prop('agreement-hash', agreement.hash), prop('agreement-state', agreement.state)] : []),
          },
        ],
      },
    },
  };
}
