import mongoose from 'mongoose';
import { testEngines } from './engines.ts';
import { testNamespace } from './namespace.ts';

export interface TestMongo {
  readonly url: string;
  readonly connection: mongoose.Connection;
  drop(): Promise<void>;
}

/** A database of its own on the MongoDB of the tests. */
export async function openTestMongo(label: string): Promise<TestMongo> {
  const url = new URL(testEngines().mongodb);
  url.pathname = `/${label}_${testNamespace()}`;
  const connection = await mongoose.createConnection(url.href, { autoCreate: false, autoIndex: false }).asPromise();
  return {
    url: url.href,
    connection,
    async drop() {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
