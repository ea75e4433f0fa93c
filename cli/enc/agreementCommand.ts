// kubectl enc agreement: makes a party's key and puts its signature under an Agreement, wherever the party keeps its key (agreement 12.1).
import type { Command } from 'commander';
import { formatFieldErrors } from '../../api/fieldError.js';
import type { AgreementSpec } from '../../api/index.js';
import { agreementHash, signAgreement, verifyAgreementSignatures } from '../../chain/client/agreementSignatures.js';
import { loadKeyFile, writeKeyFile } from '../../chain/client/keyFile.js';
import { generateEd25519 } from '../../crypto/ed25519.js';
import { CliError } from '../bpci/cliError.js';
import { readObjectFile, writeObjectFile } from './objectFile.js';
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

function sign(file: string, { party, key, output }: SignFlags, print: Print): void {
  const { document, object: agreement } = readObjectFile(file, 'Agreement');
  const spec: AgreementSpec = { ...agreement.spec, signatures: agreement.spec.signatures ?? [] };
  const member = spec.parties.find(({ name }) => name === party);
  if (!member) throw new CliError(`--party ${party}: is no party of ${file}; its parties are ${spec.parties.map(({ name }) => name).join(', ')}`);
  const pair = loadKeyFile(key);
  if (member.publicKey !== pair.publicKey) throw new CliError(`--key ${key}: its publicKey ${pair.publicKey} is not ${party}'s in ${file}, ${member.publicKey}; use that party's key, or write this publicKey into the agreement before anybody signs`);
  const signed = signAgreement(spec, pair);
  document.setIn(['spec', 'signatures'], document.createNode(signed.signatures));
  writeObjectFile(document, output, { print, line: `${party} signed agreement ${spec.agreementId} ${spec.version}, hash ${agreementHash(spec)}\nwritten to ${output}; ${standing(signed)}` });
}

function standing(spec: AgreementSpec): string {
  const { errors, missing } = verifyAgreementSignatures(spec);
  if (errors.length > 0) return `not ready: ${formatFieldErrors(errors)}`;
  return missing.length === 0 ? 'all parties have signed: kubectl apply it' : `still to sign: ${missing.join(', ')}`;
}
