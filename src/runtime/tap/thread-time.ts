/** The time that this thread has been at work, in milliseconds. While others have the processor, it does not grow. */
export const threadTime = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
