import { Model } from 'survey-core';
import { renderSurvey } from 'survey-js-ui';
import 'survey-core/survey-core.css';
import { QUESTIONS, TITLE } from './survey.js';

const element = ({ id, title, kind, from, to, ends, after }) => ({
  name: id,
  title,
  type: kind === 'text' ? 'comment' : 'rating',
  ...(kind === 'scale' && { rateMin: from, rateMax: to, minRateDescription: ends[0], maxRateDescription: ends[1] }),
  ...(after && { visibleIf: `{${after.id}} <= ${after.atMost}` }),
});
renderSurvey(
  new Model({ title: TITLE, questionsOnPageMode: 'questionPerPage', elements: QUESTIONS.map(element) }),
  document.getElementById('app'),
);
