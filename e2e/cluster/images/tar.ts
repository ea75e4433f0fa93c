// Writes tar archives (POSIX.1-1988 ustar) that are the same bytes for the same content.

export interface TarFile {
  name: string;
  content: Buffer;
  /** Permission bits; 0644 when absent. */
  mode?: number;
  /** Target of a symbolic link; `content` is empty then. */
  link?: string;
}

const BLOCK = 512;
const LONGEST_NAME = 100;
const LONGEST_PREFIX = 155;

/** A long name is cut at a slash into ustar's prefix and name. */
function split(name: string): { prefix: string; rest: string } {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return { prefix: '', rest: name };
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) > LONGEST_PREFIX) break;
    if (Buffer.byteLength(rest) <= LONGEST_NAME) return { prefix, rest };
  }
  throw new RangeError(`tar: '${name}' is longer than ${LONGEST_NAME} bytes, and has no slash to cut it at`);
}

function header({ name, content, mode = 0o644, link }: TarFile): Buffer {
  const { prefix, rest } = split(name);
  if (link !== undefined && Buffer.byteLength(link) > LONGEST_NAME) throw new RangeError(`tar: the link '${link}' is longer than ${LONGEST_NAME} bytes`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) => block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'ascii');
  block.write(rest, 0, 'utf8');
  octal(link === undefined ? mode : 0o777, 100, 8);
  octal(0, 108, 8); // owner
  octal(0, 116, 8); // group
  octal(content.length, 124, 12);
  octal(0, 136, 12); // modification time: always the epoch
  block.write(' '.repeat(8), 148, 'ascii'); // the checksum counts itself as blanks
  block.write(link === undefined ? '0' : '2', 156, 'ascii'); // a regular file, or a symbolic link
  if (link !== undefined) block.write(link, 157, 'utf8');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(prefix, 345, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return block;
}

export function tar(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap((file) => [header(file), file.content, Buffer.alloc((BLOCK - (file.content.length % BLOCK)) % BLOCK)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}
