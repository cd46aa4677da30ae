import { renderSurveyInline } from '@formbricks/surveys';
import { QUESTIONS } from './survey.js';

const question = ({ id, title, kind, to, ends, after }, at) => ({
  id,
  headline: title,
  required: false,
  ...(kind === 'text' && { type: 'openText', inputType: 'text', longAnswer: true, placeholder: '' }),
  ...(kind === 'scale' && {
    type: to === 10 ? 'nps' : 'rating',
    ...(to !== 10 && { scale: 'smiley', range: to }),
    lowerLabel: ends[0],
    upperLabel: ends[1],
  }),
  // What comes next is said where one comes from: all but a low score pass over the follow-up.
  ...(QUESTIONS[at + 1]?.after && {
    logic: [{ condition: 'greaterThan', value: QUESTIONS[at + 1].after.atMost, destination: QUESTIONS[at + 2].id }],
  }),
});

document.getElementById('app').append(Object.assign(document.createElement('div'), { id: 'survey' }));
renderSurveyInline({
  containerId: 'survey',
  brandColor: '#0b57c2',
  isBrandingEnabled: false,
  survey: {
    id: 'bench',
    questions: QUESTIONS.map(question),
    welcomeCard: { enabled: false },
    thankYouCard: { enabled: true, headline: 'Thank you' },
    hiddenFields: { enabled: false },
  },
});
