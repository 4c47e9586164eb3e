import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { completeLockfile, findAbsent, type Lockfile } from '../lockfile/complete.ts';
import { ROOT } from '../repo/paths.ts';

const lockfile = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lockfile;

describe('package-lock.json', () => {
  it('has the optional packages of every system, or npm ci refuses it: npm run lockfile adds them', () => {
    expect(findAbsent(lockfile)).toEqual([]);
  });

  it('names no registry', () => {
    const resolved = Object.values(lockfile.packages).map((entry) => String(entry.resolved ?? ''));
    expect(resolved.filter((address) => address.includes('://'))).toEqual([]);
  });
});

describe('completing a lockfile', () => {
  const linter = {
    version: '1.0.0',
    dev: true,
    optionalDependencies: { '@lint/darwin-arm64': '1.0.0', '@lint/linux-x64-musl': '1.0.0' },
  };
  const before: Lockfile = { packages: { '': {}, 'node_modules/linter': linter } };

  it('writes what npm would have written', () => {
    expect(completeLockfile(before).packages).toMatchObject({
      'node_modules/@lint/darwin-arm64': {
        version: '1.0.0',
        cpu: ['arm64'],
        dev: true,
        optional: true,
        os: ['darwin'],
      },
      'node_modules/@lint/linux-x64-musl': { cpu: ['x64'], libc: ['musl'], os: ['linux'] },
    });
    expect(findAbsent(completeLockfile(before))).toEqual([]);
  });

  it('sees a package in the folder of the one that wants it', () => {
    const nested = { ...before.packages, 'node_modules/linter/node_modules/@lint/darwin-arm64': { version: '1.0.0' } };
    expect(findAbsent({ packages: nested }).map(({ name }) => name)).toEqual(['@lint/linux-x64-musl']);
  });

  it('refuses to guess', () => {
    const odd: Lockfile = { packages: { 'node_modules/a': { optionalDependencies: { mystery: '1.0.0' } } } };
    expect(() => completeLockfile(odd)).toThrow('install it by hand');
  });
});
