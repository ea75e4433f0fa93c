// kubectl enc proposals, propose, vote: what is voted on, how it stands, and one's own part in it (agreement 5).
import { type Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import type { GovernancePayloads, ProposalRecord } from '../../chain/governanceTypes.js';
import { governanceKeys } from '../../chain/governanceTypes.js';
import type { Genesis } from '../../chain/types.js';
import { CliError } from '../bpci/cliError.js';
import { facts, table, timeOf } from '../bpci/table.js';
import { readInput } from './config.js';
import { chainOptions, outputOption, type CommonFlags, type Print } from './options.js';
import { signingOptions, submit, tell, type SigningFlags } from './signing.js';
import { withChain } from './withChain.js';

export function addProposalCommands(program: Command, print: Print): void {
  const proposals = program.command('proposals').description('proposals, the newest first; with an id, one of them whole').argument('[id]', 'a proposal, or the beginning of its id');
  outputOption(chainOptions(proposals)).action(async (id: string | undefined, flags: CommonFlags) => {
    const { found, genesis } = await withChain(flags, async ({ client, genesis: trusted }) => ({
      found: (await client.listState<ProposalRecord>(governanceKeys.proposal(''))).map(({ value }) => value),
      genesis: trusted,
    }));
    if (id === undefined) print(flags.output === 'json' ? JSON.stringify(found, null, 2) : proposalTable(found));
    else print(flags.output === 'json' ? JSON.stringify(oneOf(found, id), null, 2) : proposalText(oneOf(found, id), genesis));
  });

  signingOptions(program.command('propose').description('put a proposal to the vote').argument('<file>', 'YAML or JSON with title, reason and content (see docs/governance.md)'))
    .action(async (file: string, flags: SigningFlags) => tell(print, await submit(flags, 'proposal.submit', readProposal(file))));

  signingOptions(program.command('vote').description('vote with a validator\'s key; a later vote takes the place of an earlier one').argument('<id>', 'the proposal').argument('<choice>', 'approve or reject', choice))
    .action(async (proposal: string, approve: boolean, flags: SigningFlags) => tell(print, await submit(flags, 'proposal.vote', { proposal, approve })));
}

function choice(text: string): boolean {
  if (text !== 'approve' && text !== 'reject') throw new InvalidArgumentError('Expected approve or reject.');
  return text === 'approve';
}

function readProposal(file: string): GovernancePayloads['proposal.submit'] {
  let value: unknown;
  try {
    value = parse(readInput('FILE', file));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`${file}: is neither YAML nor JSON: ${(cause as Error).message.split('\n')[0]}`, 2, { cause });
  }
  const { title, reason = '', content } = (value ?? {}) as Partial<GovernancePayloads['proposal.submit']>;
  if (title === undefined || content === undefined) throw new CliError(`${file}: ${title === undefined ? 'title' : 'content'} is missing; a proposal has title, reason and content`);
  return { title, reason, content };
}

function oneOf(found: ProposalRecord[], id: string): ProposalRecord {
  const matching = found.filter((one) => one.id.startsWith(id));
  if (matching.length === 1) return matching[0]!;
  throw new CliError(matching.length === 0 ? `there is no proposal ${id}; kubectl enc proposals lists them` : `${id} is the beginning of ${matching.length} proposals; give more of it`, 1);
}

/** The newest first. */
export function proposalTable(found: readonly ProposalRecord[]): string {
  if (found.length === 0) return 'no proposal was ever made';
  const rows = found
    .toSorted((a, b) => b.height - a.height)
    .map(({ id, content, state, votes, closesAt, executesAt, title }) => {
      const given = Object.values(votes);
      const next = state === 'Voting' ? `closes ${timeOf(closesAt)}` : state === 'Passed' ? `takes effect ${timeOf(executesAt!)}` : '';
      return [id.slice(0, 16), content.kind, state, `${given.filter(Boolean).length} of ${given.length}`, next, title];
    });
  return table([['ID', 'KIND', 'STATE', 'APPROVE', 'NEXT', 'TITLE'], ...rows]);
}

export function proposalText(record: ProposalRecord, { validatorSet }: Pick<Genesis, 'validatorSet'>): string {
  const { id, title, reason, content, state, votes, opened, closesAt, executesAt, tally, outcome, affected } = record;
  const nameOf = (key: string) => validatorSet.validators.find(({ ed25519PublicKey }) => ed25519PublicKey === key)?.address ?? key;
  const said = (approve: boolean) => Object.entries(votes).filter(([, vote]) => vote === approve).map(([key]) => nameOf(key)).toSorted().join(', ') || 'nobody';
  const { kind, ...rest } = content;
  const known: [string, string | number][] = [
    ['proposal', id],
    ['title', title],
    ['reason', reason || 'none given'],
    ['kind', kind],
    ['content', JSON.stringify(rest)],
    ['state', state],
    ['approve', said(true)],
    ['reject', said(false)],
    ['opened', timeOf(opened)],
    ['closes', timeOf(closesAt)],
    ...(executesAt === null ? [] : [['takes effect', timeOf(executesAt)] as [string, string]]),
    ...(tally === null ? [] : [['counted', `${tally.approve} of ${tally.validators} approve, ${tally.needed} needed`] as [string, string]]),
    ...(outcome === '' ? [] : [['outcome', outcome] as [string, string]]),
  ];
  const touched = affected === null ? '' : `\n\n${affected.changed} of ${affected.evaluated} running pods would get another light${affected.list.map(({ pod, from, to }) => `\n  ${pod.namespace}/${pod.name}: ${from} → ${to}`).join('')}`;
  return `${facts(known)}${touched}`;
}
