// The gallery's own controls: a page that uses the elements as any page would.
const forms = () => document.querySelectorAll(':is(itsm-ticket-form, itsm-csat-survey, itsm-complaint-form, itsm-outbox):not([data-fixed])');

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
