import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dockerArchive } from './dockerArchive.js';
import { tar } from './tar.js';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** What the system's tar reads. */
const extract = (archive: Buffer, name: string) => execFileSync('tar', ['-xO', '-f', '-', name], { input: archive, maxBuffer: 1 << 24 });
const list = (archive: Buffer) => execFileSync('tar', ['-tv', '-f', '-'], { input: archive }).toString().trim().split('\n');

describe('tar', () => {
  it('is read by tar(1), with modes', () => {
    const archive = tar([
      { name: 'a/b', content: Buffer.from('x'.repeat(513)), mode: 0o755 },
      { name: 'empty', content: Buffer.alloc(0) },
    ]);
    expect(list(archive)).toEqual([
      expect.stringMatching(/^-rwxr-xr-x 0\/0 +513 1970.*a\/b$/),
      expect.stringMatching(/^-rw-r--r-- 0\/0 +0 1970.*empty$/),
    ]);
    expect(extract(archive, 'a/b')).toEqual(Buffer.from('x'.repeat(513)));
  });
  it('is whole blocks, and finds every content at its place', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 1_100 }), { maxLength: 4 }), (contents) => {
        const archive = tar(contents.map((content, index) => ({ name: `f${index}`, content: Buffer.from(content) })));
        expect(archive.length % 512).toBe(0);
        let offset = 0;
        for (const content of contents) {
          const size = parseInt(archive.toString('ascii', offset + 124, offset + 135), 8);
          expect(archive.subarray(offset + 512, offset + 512 + size)).toEqual(Buffer.from(content));
          offset += 512 + Math.ceil(size / 512) * 512;
        }
        expect(archive.length - offset).toBe(1_024);
      }),
    );
  });
  it('refuses a name that does not fit', () =>
    expect(() => tar([{ name: 'n'.repeat(101), content: Buffer.alloc(0) }])).toThrow(/longer than 100 bytes/));
});

describe('dockerArchive', () => {
  const image = { reference: 'enc.local/x:1', program: 'x', user: '65532:65532', exposedPort: 8080, architecture: 'amd64' };
  const archive = dockerArchive(image, Buffer.from('program'));
  const json = <T>(name: string) => JSON.parse(extract(archive, name).toString()) as T;
  const [manifest] = json<{ Config: string; RepoTags: string[]; Layers: string[] }[]>('manifest.json');

  it('names its parts by their digests', () => {
    expect(manifest!.RepoTags).toEqual(['enc.local/x:1']);
    expect(`${sha256(extract(archive, manifest!.Config))}.json`).toBe(manifest!.Config);
    const layer = extract(archive, manifest!.Layers[0]!);
    expect(json<{ rootfs: { diff_ids: string[] } }>(manifest!.Config).rootfs.diff_ids).toEqual([`sha256:${sha256(layer)}`]);
    expect(extract(layer, 'x').toString()).toBe('program');
  });
  it('runs the program as the user', () => {
    expect(json(manifest!.Config)).toMatchObject({
      os: 'linux',
      architecture: 'amd64',
      config: { Entrypoint: ['/x'], User: '65532:65532', ExposedPorts: { '8080/tcp': {} } },
    });
  });
  it('is the same for the same program, and another for another', () => {
    expect(dockerArchive(image, Buffer.from('program'))).toEqual(archive);
    expect(dockerArchive(image, Buffer.from('programs'))).not.toEqual(archive);
  });
});
