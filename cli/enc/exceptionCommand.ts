// kubectl enc exception: an approver's signature under a PolicyException, wherever the approver keeps its key.
import type { Command } from 'commander';
import { exceptionHash, signException } from '../../chain/client/exceptionSignatures.js';
import { loadKeyFile } from '../../chain/client/keyFile.js';
import { CliError } from '../bpci/cliError.js';
import { readObjectFile, writeObjectFile } from './objectFile.js';
import type { Print } from './options.js';

export function addExceptionCommand(program: Command, print: Print): void {
  program
    .command('exception')
    .description('approvals of PolicyExceptions')
    .command('sign')
    .description("add an approver's signature to a PolicyException; any change of it afterwards makes the signature void")
    .argument('<file>', 'the PolicyException, YAML or JSON')
    .requiredOption('--key <file>', "the approver's key file (kubectl enc agreement keygen makes one)")
    .option('-o, --output <file>', 'where the signed PolicyException goes (default: standard output)')
    .action((file: string, flags: { key: string; output?: string }) => sign(file, flags, print));
}

function sign(file: string, { key, output }: { key: string; output?: string }, print: Print): void {
  const { document, object: exception } = readObjectFile(file, 'PolicyException');
  const name = exception.metadata?.name;
  if (typeof name !== 'string') throw new CliError(`${file}: metadata.name is missing; the signature is under the name too`);
  const pair = loadKeyFile(key);
  const spec = signException(name, exception.spec, pair);
  document.setIn(['spec', 'approvals'], document.createNode(spec.approvals));
  writeObjectFile(document, output, { print, line: `${pair.publicKey} signed PolicyException ${name}, hash ${exceptionHash(name, spec)}, until ${spec.expiresAt}\nwritten to ${output}` });
}
