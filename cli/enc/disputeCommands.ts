// kubectl enc disputes, dispute: cases before the Agreement Court, and the parts that parties and arbitrators have in them (agreement 9).
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { formatAmount } from '../../api/amounts.js';
import { ballotCommitment } from '../../chain/courtBallot.js';
import { ballotState, caseIdOf, caseOf } from '../../chain/client/disputeObject.js';
import { signInstruction } from '../../chain/client/instructions.js';
import type { SignedInstruction } from '../../chain/instructionTypes.js';
import type { Ballot, CaseRecord, CourtPayloads, Evidence } from '../../chain/courtTypes.js';
import { toHex } from '../../crypto/encoding.js';
import { CliError } from '../bpci/cliError.js';
import { facts, table, timeOf } from '../bpci/table.js';
import { readGenesis, readInput, readJsonInput } from './config.js';
import { readObjectFile, writeObjectFile } from './objectFile.js';
import { chainOptions, outputOption, type CommonFlags, type Print } from './options.js';
import { fileOptions, signingKey, signingOptions, submit, tell, type FileFlags, type SigningFlags } from './signing.js';
import { withChain } from './withChain.js';

export function addDisputeCommands(program: Command, print: Print): void {
  const list = program.command('disputes').description('cases before the Agreement Court; with an id, one of them whole').argument('[id]', 'a case');
  outputOption(chainOptions(list)).action(async (id: string | undefined, flags: CommonFlags) => {
    const found = await withChain(flags, async ({ client }) => {
      if (id === undefined) return (await client.listState<CaseRecord>('case/')).map(({ value }) => value);
      const { value } = await client.getState<CaseRecord>(`case/${id}`);
      if (!value) throw new CliError(`there is no case ${id}; kubectl enc disputes lists them`, 1);
      return [value];
    });
    if (flags.output === 'json') print(JSON.stringify(id === undefined ? found : found[0], null, 2));
    else print(id === undefined ? caseTable(found) : caseText(found[0]!));
  });

  const dispute = program.command('dispute').description('open a case, add evidence, judge it, appeal it');
  const sub = (name: string, description: string) => signingOptions(dispute.command(name).description(description));
  sub('open', 'open a case from a file').argument('<file>', 'YAML or JSON: category, respondent, remedy, subject, amount, claim, evidence')
    .action(async (file: string, flags: SigningFlags) => tell(print, await submit(flags, 'case.open', fromFile<CourtPayloads['case.open']>(file))));
  sub('evidence', 'file evidence').argument('<case>').argument('<file>', 'YAML or JSON with type and what belongs to it')
    .action(async (caseId: string, file: string, flags: SigningFlags) => tell(print, await submit(flags, 'case.evidence', { caseId, evidence: fromFile<Evidence>(file) })));
  sub('appeal', 'appeal a decision to the next tier').argument('<case>').requiredOption('--grounds <text>', 'why')
    .action(async (caseId: string, flags: SigningFlags & { grounds: string }) => tell(print, await submit(flags, 'case.appeal', { caseId, grounds: flags.grounds })));
  sub('commit', 'commit to a ballot as an arbitrator; the ballot is kept in a file until it is revealed').argument('<case>').requiredOption('--ballot <file>', 'a file that is not there yet')
    .option('--uphold', 'uphold the case (default: dismiss it)', false).option('--award <µBPI>', 'what is awarded', '0')
    .action((caseId: string, flags: CommitFlags) => commit(caseId, flags, print));
  sub('reveal', 'reveal the ballot that was committed to').argument('<case>').requiredOption('--ballot <file>', 'the file that commit wrote')
    .action(async (caseId: string, flags: SigningFlags & { ballot: string }) => tell(print, await submit(flags, 'case.reveal', { caseId, ballot: readJsonInput('--ballot', flags.ballot) as Ballot })));
  sub('arbitrate', 'register as an arbitrator').requiredOption('--categories <list>', 'Scheduling, Performance, Economic, Security, Governance').option('--conflicts <accounts>', 'whose cases you cannot hear', '')
    .action(async (flags: SigningFlags & { categories: string; conflicts: string }) =>
      tell(print, await submit(flags, 'arbitrator.register', { categories: words(flags.categories) as CourtPayloads['arbitrator.register']['categories'], conflicts: words(flags.conflicts) })));
  addDisputeFileCommands(dispute, print);
}

/** For the resource Dispute: signatures that the operator carries to the chain. */
function addDisputeFileCommands(dispute: Command, print: Print): void {
  const sub = (name: string, description: string) => fileOptions(dispute.command(name).description(description).argument('<file>', 'the Dispute, YAML or JSON'));
  sub('sign', 'sign a Dispute as its claimant; afterwards only filings and appeals may be added').action((file: string, flags: FileFlags) => {
    const { document, object } = readObjectFile(file, 'Dispute');
    const { chainId } = readGenesis(flags);
    const { signer: claimant, serial, signature } = signInstruction(chainId, { type: 'case.open', payload: caseOf(object.spec), serial: Date.now() }, signingKey(flags.key));
    for (const [member, value] of Object.entries({ claimant, serial, signature })) document.setIn(['spec', member], value);
    const id = caseIdOf(chainId, { ...object.spec, claimant, serial, signature });
    writeObjectFile(document, flags.output, { print, line: `${claimant} opens case ${id}\nwritten to ${flags.output}: kubectl apply it` });
  });
  sub('file', 'put evidence into a signed Dispute').argument('<evidence>', 'YAML or JSON with type and what belongs to it').action((file: string, evidenceFile: string, flags: FileFlags) => {
    const evidence = fromFile<Evidence>(evidenceFile);
    add(file, flags, print, 'filings', (caseId, chainId, serial) => signInstruction(chainId, { type: 'case.evidence', payload: { caseId, evidence }, serial }, signingKey(flags.key)), { evidence });
  });
  sub('sign-appeal', 'put an appeal to the next tier into a signed Dispute').requiredOption('--grounds <text>', 'why').action((file: string, flags: FileFlags & { grounds: string }) => {
    const { grounds } = flags;
    add(file, flags, print, 'appeals', (caseId, chainId, serial) => signInstruction(chainId, { type: 'case.appeal', payload: { caseId, grounds }, serial }, signingKey(flags.key)), { grounds });
  });
}

/** One more filing or appeal. */
function add(
  ...[file, flags, print, list, sign, what]: [file: string, flags: FileFlags, print: Print, list: 'filings' | 'appeals', sign: (caseId: string, chainId: string, serial: number) => SignedInstruction, what: object]
): void {
  const { document, object } = readObjectFile(file, 'Dispute');
  const { chainId } = readGenesis(flags);
  const caseId = caseIdOf(chainId, object.spec);
  if (caseId === undefined) throw new CliError(`${file}: nobody has signed it; sign it first with kubectl enc dispute sign`);
  const { signer: account, serial, signature } = sign(caseId, chainId, Date.now());
  document.setIn(['spec', list], document.createNode([...(object.spec[list] ?? []), { account, ...what, serial, signature }]));
  writeObjectFile(document, flags.output, { print, line: `${account} adds to ${list} of case ${caseId}\nwritten to ${flags.output}: kubectl apply it` });
}

type CommitFlags = SigningFlags & { ballot: string; uphold: boolean; award: string };

/** The ballot is on the disk before anybody knows of it: who loses it loses part of the bond. */
async function commit(caseId: string, flags: CommitFlags, print: Print): Promise<void> {
  if (existsSync(flags.ballot)) throw new CliError(`--ballot ${flags.ballot}: is there already; a ballot is never overwritten, choose another name`);
  const { tier } = await withChain(flags, async ({ client }) => (await client.getState<CaseRecord>(`case/${caseId}`)).value ?? Promise.reject(new CliError(`there is no case ${caseId}`, 1)));
  const ballot: Ballot = { upheld: flags.uphold, award: flags.uphold ? Number(flags.award) : 0, salt: toHex(randomBytes(32)) };
  if (!Number.isSafeInteger(ballot.award) || ballot.award < 0) throw new CliError(`--award ${flags.award}: expected a whole number of µBPI from 0 on`);
  writeFileSync(flags.ballot, `${JSON.stringify(ballot)}\n`, { mode: 0o600, flag: 'wx' });
  tell(print, await submit(flags, 'case.commit', { caseId, commitment: ballotCommitment(caseId, tier, signingKey(flags.key).publicKey, ballot) }));
}

const words = (text: string) => text.split(',').map((part) => part.trim()).filter(Boolean);

function fromFile<T>(file: string): T {
  try {
    return parse(readInput('FILE', file)) as T;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`${file}: is neither YAML nor JSON: ${(cause as Error).message.split('\n')[0]}`, 2, { cause });
  }
}

export function caseTable(found: readonly CaseRecord[]): string {
  if (found.length === 0) return 'no case was ever opened';
  const rows = found
    .toSorted((a, b) => b.height - a.height)
    .map(({ id, category, remedy, state, tier, deadline, decisions }) => [id.slice(0, 16), category, remedy, state, tier, decisions.at(-1)?.decision ?? '-', state === 'Closed' ? '' : timeOf(deadline)]);
  return table([['ID', 'CATEGORY', 'REMEDY', 'STATE', 'TIER', 'DECISION', 'UNTIL'], ...rows]);
}

export function caseText({ id, category, claimant, respondent, remedy, subject, amount, claim, state, tier, deadline, panel, evidence, held, decisions }: CaseRecord): string {
  const head = facts([
    ['case', id],
    ['category', category],
    ['claimant', claimant || 'the ledger'],
    ['respondent', respondent || 'the network'],
    ['remedy', `${remedy}${subject && ` of ${subject}`}${amount > 0 ? `, ${formatAmount(amount)}` : ''}`],
    ['claim', claim],
    ['state', `${state} in tier ${tier}${state === 'Closed' ? '' : ` until ${timeOf(deadline)}`}`],
    ['held', formatAmount(held)],
    ['panel', panel.map((member) => `${member.account.slice(0, 16)} (${ballotState(member)}${member.ballot && member.ballot.award > 0 ? ` ${formatAmount(member.ballot.award)}` : ''})`).join(', ') || 'none'],
  ]);
  const filed = evidence.map(({ type, by, shows }) => `\n  ${type} by ${by === '' ? 'the ledger' : by.slice(0, 16)}: ${shows}`).join('');
  const decided = decisions.map(({ tier: of, decision, award, reason, height }) => `\n  tier ${of}: ${decision}${award > 0 ? `, ${formatAmount(award)}` : ''} at height ${height}: ${reason}`).join('');
  return `${head}\n\nevidence${filed || '\n  none'}\n\ndecisions${decided || '\n  none yet'}`;
}
