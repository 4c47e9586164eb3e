export interface Jdk {
  readonly home: string;
  /** `25.0.1`, as its release file says. */
  readonly version: string;
  readonly major: number;
}

/** The oldest Java that Kafka 4, Keycloak 26 and OpenSearch 2 run on. */
export const OLDEST_JDK: number;
export const MAVEN_FOLDERS: readonly string[];

/** The full path of a program on PATH, or in one of the further folders; null where there is none. */
export function findProgram(name: string, folders?: readonly string[]): Promise<string | null>;

/** `<parent>/<entry>/<suffix>` for every entry of a folder; nothing when the folder is not there. */
export function foldersBelow(parent: string, suffix?: string): Promise<string[]>;

/** The newest JDK among JAVA_HOME, PATH and the usual folders, however old; null where there is none. */
export function findNewestJdk(): Promise<Jdk | null>;
