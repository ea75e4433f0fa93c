// kubectl enc report: a tenant's compliance in a period, worked out of all of its receipts: OSCAL for machines, a page for people, and the receipts beside them.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { headerHash } from '../../receipts/headerHash.js';
import { namespaceScope } from '../../receipts/history.js';
import { complianceFindings, type AgreementTerms, type Finding } from '../../receipts/report/findings.js';
import { htmlReport } from '../../receipts/report/html.js';
import { oscalReport } from '../../receipts/report/oscal.js';
import { receiptFile, type ReportHeader } from '../../receipts/report/reportHeader.js';
import { CliError } from '../bpci/cliError.js';
import { chainOptions, type CommonFlags, type Print } from './options.js';
import { mustVerify } from './readReceipts.js';
import { withChain, type OpenChain } from './withChain.js';

interface Flags extends CommonFlags {
  in: string;
  agreement?: string;
  from: number;
  to: number;
  out: string;
}

const AT_ONCE = 8;

function timeOf(text: string): number {
  const time = Date.parse(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time)) throw new InvalidArgumentError('Expected a day or time in UTC, as 2026-11-01 or 2026-11-01T12:00:00Z.');
  return time;
}

export function addReportCommand(program: Command, print: Print): void {
  const command = program
    .command('report')
    .description('compliance of a tenant in a period: OSCAL assessment results and a page, each statement with its receipts')
    .requiredOption('--in <namespace>', 'the tenant: its namespace')
    .option('--agreement <name>', 'under this agreement, whose required policies are reported on')
    .option('--from <time>', 'first day or time, UTC', timeOf, 0)
    .option('--to <time>', 'end of the period, which is not in it (default: now)', timeOf, Number.MAX_SAFE_INTEGER)
    .option('--out <folder>', 'where assessment-results.json, report.html and receipts/ go', 'compliance-report');
  chainOptions(command).action(async (flags: Flags) => print(await withChain(flags, (chain) => writeReport(chain, flags))));
}

function termsOf({ client }: OpenChain, name: string | undefined): AgreementTerms | undefined {
  if (name === undefined) return undefined;
  const agreement = client.policySet().agreements.find((one) => one.name === name);
  if (!agreement) throw new CliError(`--agreement ${name}: the ledger's policy set has no such agreement; kubectl enc status lists them`, 1);
  const { hash, state, spec } = agreement;
  return { name, hash, state, requiredPolicies: [...spec.terms.requiredPolicies], regulations: [...spec.terms.regulations] };
}

async function writeReport(chain: OpenChain, { in: namespace, agreement, from, to, out }: Flags): Promise<string> {
  const { client } = chain;
  const head = client.head();
  const end = Math.min(to, head.timestamp + 1);
  if (from >= end) throw new CliError(`--from ${new Date(from).toISOString()} is not before ${new Date(end).toISOString()}, where the period or the chain ends`);
  const terms = termsOf(chain, agreement);
  const all = await client.history({ scope: namespaceScope(namespace), from: 1, to: head.height });
  const receipts = all.map(({ predicate }) => predicate).filter(({ timestamp }) => timestamp >= from && timestamp < end);
  const findings = complianceFindings(receipts, terms);
  const header: ReportHeader = {
    chainId: client.chainId,
    namespace,
    // A period that was left open begins with its first receipt.
    from: from > 0 ? from : (receipts[0]?.timestamp ?? end),
    to: end,
    height: head.height,
    headerHash: headerHash(head),
    receipts: receipts.length,
    ...(terms ? { agreement: terms } : {}),
  };
  mkdirSync(path.join(out, 'receipts'), { recursive: true });
  const saved = await saveReceipts(chain, findings, out);
  writeFileSync(path.join(out, 'assessment-results.json'), `${JSON.stringify(oscalReport(header, findings), null, 2)}\n`);
  writeFileSync(path.join(out, 'report.html'), htmlReport(header, findings));
  const lines = findings.map(({ state, title, reason }) => `${state.padEnd(14)} ${title}: ${reason}`);
  return [...lines, '', `${saved} receipts, report.html and assessment-results.json (OSCAL) are in ${out}`].join('\n');
}

/** Every receipt that a statement rests on, verified. */
async function saveReceipts({ client, genesis }: OpenChain, findings: readonly Finding[], out: string): Promise<number> {
  const ids = [...new Set(findings.flatMap(({ evidence }) => evidence.map(({ receiptId }) => receiptId)))];
  const waiting = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const { bundle } = mustVerify(await client.receipt(id), genesis);
      writeFileSync(path.join(out, receiptFile(id)), JSON.stringify(bundle));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ids.length;
}
