// A change of the validator set as a file that goes from hand to hand: proposed on top of the set in force, signed, sent.
import { existsSync, readFileSync } from 'node:fs';
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { fromHex, toHex } from '../../crypto/encoding.js';
import { array, hex, integer, object, text, type Shape } from '../../receipts/shape.js';
import { quorum } from '../../receipts/quorum.js';
import type { Validator, ValidatorSet } from '../../receipts/types.js';
import { Refusal } from '../../chain/ledger/ledgerError.js';
import { changedSet } from '../../chain/ledger/validators/changedSet.js';
import { changeMessage } from '../../chain/ledger/validators/changeMessage.js';
import { newValidator, validatorPayloads } from '../../chain/ledger/validators/validatorShapes.js';
import { homeFiles, loadGenesis } from '../../chain/node/config.js';
import { reasonOf } from '../../chain/node/nodeError.js';
import { createFile, disk, replaceFile } from '../../chain/node/storage/durableFile.js';
import { loadValidatorKeys } from '../../chain/node/validatorKeys.js';
import type { NewValidator, UnsignedValidatorsChange, ValidatorsChange, ValidatorSetRecord } from '../../chain/types.js';
import { json } from './candidate.js';
import { CliError } from './cliError.js';
import { submitted } from './submitTransaction.js';
import { facts } from './table.js';

const STANDARD_INPUT = '-';

export interface ProposeFlags {
  /** Of the chain, the earliest first. */
  sets: ValidatorSetRecord[];
  add?: string[];
  remove?: string[];
  reason: string;
  out: string;
}
/** What goes from hand to hand: the change, and whom it concerns, for those who sign it to see. */
interface ChangeFile {
  change: ValidatorsChange;
  /** Names of those who may sign, by key. */
  members: { name: string; key: string }[];
  needed: number;
}

export async function propose({ sets, add = [], remove = [], reason, out }: ProposeFlags): Promise<string> {
  if (existsSync(out)) throw new CliError(`--out ${out}: the file is there already; nothing was overwritten, name another one`);
  const { hash, since, set } = sets.at(-1)!;
  const change: UnsignedValidatorsChange = {
    expectedSetHash: hash,
    expectedSince: since,
    add: add.map(readCandidate),
    remove: remove.map((name) => memberNamed(set, name).ed25519PublicKey),
    reason,
  };
  const next = orCliError(() => changedSet(set, change));
  const file: ChangeFile = {
    change: { ...change, signatures: [] },
    members: set.validators.map(({ address: name, ed25519PublicKey: key }) => ({ name, key })),
    needed: quorum(set.validators.length, set.quorumPercent),
  };
  await createFile(disk, out, json(file), 0o644);
  return facts([
    ['from', `${set.validators.length} validators: ${names(set)}`],
    ['to', `${next.validators.length} validators: ${names(next)}`],
    ['needs', `${file.needed} signatures of the present members: bpci validators sign ${out} --home DIR${remove.length > 0 ? `; among them those of ${remove.join(', ')}, or it takes a NodeRemoval vote with evidence` : ''}`],
  ]);
}

/** Signs what the file says, with the key of a member's home, for the chain of that home. Of '-' the input is signed, and returned. */
export async function sign(name: string, home: string): Promise<string> {
  const file = readChange(name);
  const { change, members, needed } = file;
  const { ed25519 } = loadValidatorKeys(homeFiles(home).key);
  const { chainId } = loadGenesis(homeFiles(home).genesis);
  const member = members.find(({ key }) => key === ed25519.publicKey);
  if (!member) throw new CliError(`--home ${home}: its key ${ed25519.publicKey} is no member of the set that the change is made on; ${members.map((one) => one.name).join(', ')} may sign`);
  const message = changeMessage(chainId, change);
  const others = change.signatures.filter(({ validator }) => validator !== ed25519.publicKey);
  const wrong = others.find(({ validator, signature }) => !verifyEd25519(validator, message, fromHex(signature, 64)));
  if (wrong) throw new CliError(`${name}: the signature of ${wrong.validator} does not fit; the change was edited after it was signed, propose it anew`);
  const signatures = [...others, { validator: ed25519.publicKey, signature: toHex(signEd25519(ed25519.privateKey, message)) }];
  const signed: ChangeFile = { ...file, change: { ...change, signatures } };
  if (name === STANDARD_INPUT) return JSON.stringify(signed, null, 2);
  await replaceFile(disk, name, json(signed), 0o644);
  return `${member.name} has signed: ${signatures.length} of ${members.length}, ${needed} are needed${signatures.length >= needed ? `; send it with "bpci validators submit ${name}"` : ''}`;
}

export async function submit(name: string, key: string, endpoint: string): Promise<string> {
  return submitted({ endpoint, key }, 'validators.change', readChange(name).change);
}

function memberNamed({ validators }: ValidatorSet, name: string): Validator {
  const member = validators.find(({ address }) => address === name);
  if (!member) throw new CliError(`--remove ${name}: the set has ${validators.map(({ address }) => address).join(', ')}`);
  return member;
}

function readCandidate(file: string): NewValidator {
  return readAs(file, newValidator, '--add');
}

const changeFile: Shape<ChangeFile> = object({
  change: validatorPayloads['validators.change'],
  members: array(object({ name: text(1, 253), key: hex(32) }), 1, 1_000),
  needed: integer(1, 1_000),
});

function readChange(file: string): ChangeFile {
  return readAs(file, changeFile, 'the file');
}

function readAs<T>(file: string, shape: Shape<T>, what: string): T {
  try {
    return shape(JSON.parse(readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8')), 'file');
  } catch (cause) {
    throw new CliError(`${what} ${file} cannot be used: ${reasonOf(cause)}`, 2, { cause });
  }
}

function orCliError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Refusal) throw new CliError(`${cause.message} (${cause.code})`, 2, { cause });
    throw cause;
  }
}

const names = ({ validators }: ValidatorSet): string => validators.map(({ address }) => address).join(', ');
