// The gallery's own controls: a page that uses the elements as any page would.
const forms = () => document.querySelectorAll(':is(itsm-ticket-form, itsm-csat-survey, itsm-survey-invitation, itsm-complaint-form, itsm-satisfaction-report, itsm-outbox):not([data-fixed])');

document.getElementById('controls').addEventListener('change', (event) => {
  const { name, value } = event.target;
  for (const form of forms()) form[name] = value;
  if (name === 'theme') document.documentElement.style.colorScheme = value === 'auto' ? '' : value;
});

document.querySelector('#prefilled itsm-ticket-form').prefill = {
  device: { value: 'laptop', locked: true },
  asset: { value: 'IT-1042', locked: true },
  name: 'Ada Example',
};

const week = (name, n, value, low, high) => ({ name, n, score: value === undefined ? undefined : { value, low, high } });
document.querySelector('#report itsm-satisfaction-report').results = {
  title: 'How did we do?', by: 'week', least: 5, answered: 86, asked: 240, response: { value: 35.83, low: 30.02, high: 42.08 },
  scales: [
    { field: 'score', title: 'How satisfied are you with the service?', measure: 'csat', n: 86, counts: [4, 6, 10, 28, 38], mean: 4.05, score: { value: 76.74, low: 66.8, high: 84.41 } },
    { field: 'recommend', title: 'How likely is it that you would recommend the service desk?', measure: 'nps', n: 74, counts: [2, 0, 1, 1, 2, 3, 5, 10, 15, 17, 18], mean: 7.68, score: { value: 28.38, low: 10.81, high: 45.95 } },
    { field: 'effort', title: 'It was easy to get help', measure: 'ces', n: 3 },
  ],
  choices: [{ field: 'channel', title: 'How did you reach us?', n: 80, choices: [{ title: 'By this page', count: 52 }, { title: 'By phone', count: 21 }, { title: 'By e-mail', count: 7 }] }],
  trend: [week('2026-10-26', 3), week('2026-11-02', 18, 66.67, 43.75, 83.72), week('2026-11-09', 25, 72, 52.42, 85.72), week('2026-11-16', 40, 85, 70.93, 92.94)],
  services: [week('mail', 34, 82.35, 66.49, 91.65), week('workplace', 52, 73.08, 59.75, 83.23)],
  channels: [week('plain form', 6, 66.67, 30, 90.32), week('widget', 80, 77.5, 67.21, 85.27)],
  comments: [{ since: '2026-11-16', question: 'Is there anything else?', text: 'Quick and kind, thank you.' }, { since: '2026-11-09', question: 'You said “Dissatisfied”. What went wrong?', text: 'I had to explain it three times.' }],
};

const definition = {
  id: 'gallery-note', version: 1, kind: 'incident', locale: 'en', title: 'A note',
  schema: { type: 'object', required: ['text'], properties: { text: { type: 'string', title: 'Your note', minLength: 3 } } },
  ui: [{ type: 'control', field: 'text', role: 'summary' }],
};

// The service desk has a form of this name, and it asks for something else.
const foreign = {
  ...definition, id: 'something-is-broken',
  schema: { type: 'object', properties: { what: { type: 'string', title: 'What is broken?' }, asset: { type: 'string', title: 'Asset' } } },
  ui: [{ type: 'control', field: 'what', role: 'summary' }, { type: 'control', field: 'asset' }],
};

const shows = {
  received: { api: '/api/v1', form: 'something-is-broken', prefill: { what: 'Shown in the gallery' }, submit: true },
  refused: { api: '/api/v1', definition: foreign, prefill: { what: 'Shown in the gallery', asset: 'IT-1042' }, submit: true },
  errors: { api: '/api/v1', definition, submit: true },
  nobody: { api: '/api/nobody-is-here', definition, prefill: { text: 'Sent to nobody' }, submit: true },
  'no-form': { api: '/api/v1', form: 'there-is-none' },
};

document.getElementById('faults').addEventListener('click', async (event) => {
  const show = shows[event.target.dataset.show];
  if (!show) return;
  const form = document.createElement('itsm-ticket-form');
  form.api = show.api;
  form.form = show.form ?? null;
  form.context = 'gallery-' + event.target.dataset.show;
  form.definition = show.definition ?? null;
  form.prefill = show.prefill ?? null;
  document.getElementById('stage').replaceChildren(form);
  if (show.submit) await form.submit();
});

document.getElementById('invitation').addEventListener('click', async (event) => {
  const { placement, forget } = event.target.dataset;
  const [invitation, said] = ['itsm-survey-invitation', '[role=status]'].map((found) => event.currentTarget.querySelector(found));
  if (forget !== undefined) {
    for (const name of Object.keys(localStorage)) if (name.startsWith('itsm.offers ')) localStorage.removeItem(name);
    said.textContent = 'Forgotten.';
  } else if (placement) {
    invitation.placement = placement;
    said.textContent = (await invitation.ask()) ? '' : 'Not offered: what was offered before is enough for now.';
  }
});
