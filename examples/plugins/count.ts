import { defineTransform, fieldValues, option } from "weir";

export default defineTransform({
  name: "count",
  summary: "Counts events by the values of a field, in windows of a fixed length of time.",
  options: {
    by: option.field("The field whose values are counted.", { examples: ["user.name"] }),
    every: option.window("The length of a window.", { default: "1m" }),
  },
  keep: ({ config: { by, every }, state }) => {
    const valuesOf = fieldValues(by);
    return {
      event(event, { mark }) {
        const end = (Math.floor(event.meta.ingested / every) + 1) * every;
        if (end <= mark) return "late";
        for (const value of valuesOf(event.data)) {
          const key = `${end} ${value}`;
          state.set(key, String(Number(state.get(key) ?? 0) + 1));
        }
        state.wake(end);
        return "counted";
      },
      tick({ now, final, emit }) {
        for (let page = state.scan(""); page.length > 0; page = state.scan(""))
          for (const [key, count] of page) {
            const space = key.indexOf(" ");
            const [end, value] = [Number(key.slice(0, space)), key.slice(space + 1)];
            if (end > now && !final) {
              state.wake(end);
              return;
            }
            state.delete(key);
            const window_end = new Date(end).toISOString();
            if (!emit({ id: key, data: { window_end, value, count: Number(count) } })) return;
          }
      },
    };
  },
});
