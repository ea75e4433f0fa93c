// kubectl enc agreement: makes a party's key and puts its signature under an Agreement, wherever the party keeps its key (agreement 12.1).
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseDocument, type Document } from 'yaml';
import { formatFieldErrors } from '../../api/fieldError.js';
import type { Agreement, AgreementSpec } from '../../api/index.js';
import { validateAgreement } from '../../api/validate/validateAgreement.js';
import { agreementHash, signAgreement, verifyAgreementSignatures } from '../../chain/client/agreementSignatures.js';
import { loadKeyFile, writeKeyFile } from '../../chain/client/keyFile.js';
import { generateEd25519 } from '../../crypto/ed25519.js';
import { CliError } from '../bpci/cliError.js';
import { readInput } from './config.js';
import type { Print } from './options.js';

interface SignFlags {
  party: string;
  key: string;
  output?: string;
}

export function addAgreementCommand(program: Command, print: Print): void {
  const agreement = program.command('agreement').description('keys of parties, and their signatures under agreements');
  agreement
    .command('keygen')
    .description('make a party\'s key; it is written with mode 0600 and never shown')
    .argument('<name>', 'name of the party')
    .requiredOption('--out <file>', 'a file that is not there yet')
    .action((name: string, { out }: { out: string }) => {
      const key = generateEd25519();
      writeKeyFile(out, key);
      print(`key of ${name} written to ${out}\npublicKey: ${key.publicKey}`);
    });
  agreement
    .command('sign')
    .description('add a party\'s signature to an Agreement and say who has signed')
    .argument('<file>', 'the Agreement, YAML or JSON')
    .requiredOption('--party <name>', 'the party that signs')
    .requiredOption('--key <file>', 'its key file')
    .option('-o, --output <file>', 'where the signed Agreement goes (default: standard output)')
    .action((file: string, flags: SignFlags) => sign(file, flags, print));
}

/** The one Agreement of a YAML or JSON file, and the document it came in, which keeps the file's comments. */
function readAgreement(file: string): { document: Document; agreement: Agreement } {
  const document = parseDocument(readInput('FILE', file));
  if (document.errors.length > 0) throw new CliError(`${file}: is neither YAML nor JSON: ${document.errors[0]!.message.split('\n')[0]}`);
  const agreement = document.toJS() as Agreement | null;
  if (agreement?.kind !== 'Agreement') throw new CliError(`${file}: kind is "${String(agreement?.kind)}", expected an Agreement`);
  return { document, agreement };
}

function sign(file: string, { party, key, output }: SignFlags, print: Print): void {
  const { document, agreement } = readAgreement(file);
  const errors = validateAgreement(agreement);
  if (errors.length > 0) throw new CliError(`${file}: ${formatFieldErrors(errors)}`);
  const spec: AgreementSpec = { ...agreement.spec, signatures: agreement.spec.signatures ?? [] };
  const member = spec.parties.find(({ name }) => name === party);
  if (!member) throw new CliError(`--party ${party}: is no party of ${file}; its parties are ${spec.parties.map(({ name }) => name).join(', ')}`);
  const pair = loadKeyFile(key);
  if (member.publicKey !== pair.publicKey) throw new CliError(`--key ${key}: its publicKey ${pair.publicKey} is not ${party}'s in ${file}, ${member.publicKey}; use that party's key, or write this publicKey into the agreement before anybody signs`);
  const signed = signAgreement(spec, pair);
  document.setIn(['spec', 'signatures'], document.createNode(signed.signatures));
  const text = document.toString({ lineWidth: 0 });
  if (output === undefined) {
    print(text.trimEnd());
    return;
  }
  writeOutput(output, text);
  print(`${party} signed agreement ${spec.agreementId} ${spec.version}, hash ${agreementHash(spec)}\nwritten to ${output}; ${standing(signed)}`);
}

function standing(spec: AgreementSpec): string {
  const { errors, missing } = verifyAgreementSignatures(spec);
  if (errors.length > 0) return `not ready: ${formatFieldErrors(errors)}`;
  return missing.length === 0 ? 'all parties have signed: kubectl apply it' : `still to sign: ${missing.join(', ')}`;
}

function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new CliError(`--output ${file}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, 2, { cause });
  }
}
