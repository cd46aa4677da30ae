// The libraries that keep requests in IndexedDB: each keeps one request in a transaction, and waits until it is kept.
import Dexie from 'dexie';
import { openDB } from 'idb';
import { Queue } from 'workbox-background-sync';

const open = (name, upgrade) => new Promise((resolve, reject) => {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => upgrade(opening.result);
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

const raw = async (name, durability) => {
  const db = await open(name, (db) => db.createObjectStore('outbox', { keyPath: 'id' }));
  return (entry) => new Promise((resolve, reject) => {
    const transaction = db.transaction('outbox', 'readwrite', { durability });
    transaction.objectStore('outbox').put(entry);
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    transaction.commit();
  });
};

// All that our outbox does in a commit: a number of its own, the files of the draft, and the draft's end.
const rawWhole = async (name) => {
  const db = await open(name, (db) => {
    db.createObjectStore('meta');
    db.createObjectStore('outbox', { keyPath: 'id' }).createIndex('by_part', 'part');
    db.createObjectStore('drafts', { keyPath: 'id' }).createIndex('by_place', 'place');
    db.createObjectStore('attachments', { keyPath: 'id' }).createIndex('by_owner', 'owner');
    db.createObjectStore('chunks');
  });
  const drafts = db.transaction('drafts', 'readwrite');
  for (let at = 0; at < 1000; at++) drafts.objectStore('drafts').put({ id: `entry-${at}`, place: ['part', 'form', `entry-${at}`] });
  await new Promise((resolve) => (drafts.oncomplete = resolve));
  return (entry) => new Promise((resolve, reject) => {
    const transaction = db.transaction(['meta', 'outbox', 'drafts', 'attachments', 'chunks'], 'readwrite', { durability: 'strict' });
    const last = transaction.objectStore('meta').get('last_seq');
    transaction.objectStore('attachments').index('by_owner').getAll(entry.id).onsuccess = () => {
      const seq = (last.result ?? 0) + 1;
      transaction.objectStore('meta').put(seq, 'last_seq');
      transaction.objectStore('outbox').put({ ...entry, seq });
      transaction.objectStore('drafts').delete(entry.id);
      transaction.commit();
    };
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
};

const idb = async (name, durability) => {
  const db = await openDB(name, 1, { upgrade: (db) => db.createObjectStore('outbox', { keyPath: 'id' }) });
  return async (entry) => {
    const transaction = db.transaction('outbox', 'readwrite', { durability });
    await Promise.all([transaction.store.put(entry), transaction.done]);
  };
};

const dexie = async (name, durability) => {
  const db = new Dexie(name, { chromeTransactionDurability: durability });
  db.version(1).stores({ outbox: 'id' });
  await db.open();
  return (entry) => db.outbox.put(entry);
};

const workbox = async (name) => {
  // Outside a service worker there is none to register with.
  self.registration ??= {};
  const queue = new Queue(name, { forceSyncFallback: true, onSync: async () => {} });
  return ({ id, body }) => queue.pushRequest({ request: new Request(`/submissions/${id}`, { method: 'POST', body }) });
};

window.keepers = {
  'raw IndexedDB, strict': (name) => raw(name, 'strict'),
  'raw IndexedDB, strict, all that ours does': rawWhole,
  'raw IndexedDB, relaxed': (name) => raw(name, 'relaxed'),
  'idb, strict': (name) => idb(name, 'strict'),
  'idb, relaxed': (name) => idb(name, 'relaxed'),
  'Dexie, strict': (name) => dexie(name, 'strict'),
  'Dexie, relaxed': (name) => dexie(name, 'relaxed'),
  'Workbox background sync, relaxed': workbox,
};
