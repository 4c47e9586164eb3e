import { findNewestJdk, type Jdk, OLDEST_JDK } from './machine.mjs';

let found: Promise<Jdk> | null = null;

/** The newest JDK among JAVA_HOME, PATH and the usual folders. Throws with the line that installs one. */
export const newestJdk = (): Promise<Jdk> => {
  found ??= findNewestJdk().then((jdk) => {
    if (jdk !== null && jdk.major >= OLDEST_JDK) return jdk;
    const seen = jdk === null ? 'there is none' : `the newest here is ${jdk.version}`;
    throw new Error(
      `A JDK ${OLDEST_JDK} or newer is missing (${seen}): Kafka, OpenSearch and Keycloak run on it. Install one: apt-get install openjdk-17-jdk-headless (Debian, Ubuntu), brew install openjdk (macOS).`,
    );
  });
  return found;
};
