// kubectl enc proposals, propose, vote: what is voted on, how it stands, and one's own part in it (agreement 5).
import { type Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import { signInstruction } from '../../chain/client/instructions.js';
import { contentOf, proposalIdOf } from '../../chain/client/proposalObject.js';
import type { GovernancePayloads, ProposalRecord } from '../../chain/governanceTypes.js';
import { governanceKeys } from '../../chain/governanceTypes.js';
import type { Genesis } from '../../chain/types.js';
import { CliError } from '../bpci/cliError.js';
import { facts, table, timeOf } from '../bpci/table.js';
import { readGenesis, readInput } from './config.js';
import { readObjectFile, writeObjectFile } from './objectFile.js';
import { chainOptions, outputOption, type CommonFlags, type Print } from './options.js';
import { fileOptions, signingKey, signingOptions, submit, tell, type FileFlags, type SigningFlags } from './signing.js';
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
  addProposalFileCommands(program, print);
}

/** For the resource Proposal: signatures that the operator carries to the chain. */
function addProposalFileCommands(program: Command, print: Print): void {
  const proposal = program.command('proposal').description('signatures in a Proposal, which the operator carries to the chain');
  fileOptions(proposal.command('sign').description("sign it as its proposer; afterwards only votes may be added").argument('<file>', 'the Proposal, YAML or JSON'))
    .action((file: string, flags: FileFlags) => {
      const { document, object } = readObjectFile(file, 'Proposal');
      const { chainId } = readGenesis(flags);
      const { title, reason = '' } = object.spec;
      const { signer: proposer, serial, signature } = signInstruction(chainId, { type: 'proposal.submit', payload: { title, reason, content: contentOf(object.spec) }, serial: Date.now() }, signingKey(flags.key));
      for (const [member, value] of Object.entries({ proposer, serial, signature })) document.setIn(['spec', member], value);
      const id = proposalIdOf(chainId, { ...object.spec, proposer, serial, signature });
      writeObjectFile(document, flags.output, { print, line: `${proposer} proposes ${id}\nwritten to ${flags.output}: kubectl apply it` });
    });
  fileOptions(proposal.command('vote').description('put a validator\'s vote into it; a later vote of a validator takes the place of its earlier one').argument('<file>', 'the signed Proposal, YAML or JSON').argument('<choice>', 'approve or reject', choice))
    .action((file: string, approve: boolean, flags: FileFlags) => {
      const { document, object } = readObjectFile(file, 'Proposal');
      const { chainId } = readGenesis(flags);
      const id = proposalIdOf(chainId, object.spec);
      if (id === undefined) throw new CliError(`${file}: nobody has signed it; sign it first with kubectl enc proposal sign`);
      const { signer: validator, serial, signature } = signInstruction(chainId, { type: 'proposal.vote', payload: { proposal: id, approve }, serial: Date.now() }, signingKey(flags.key));
      const others = (object.spec.votes ?? []).filter((vote) => vote.validator !== validator);
      document.setIn(['spec', 'votes'], document.createNode([...others, { validator, approve, serial, signature }]));
      writeObjectFile(document, flags.output, { print, line: `${validator} ${approve ? 'approves' : 'rejects'} ${id}\nwritten to ${flags.output}: kubectl apply it` });
    });
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
