// Waiting for a condition, never for a time.

/** Asks `question` until it answers something true, and answers that. Fails with the last answer or error. */
export async function until(question, { what = question.toString(), seconds = 20, pause = 50 } = {}) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      last = await question();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`not within ${seconds} s: ${what}; last seen: ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
