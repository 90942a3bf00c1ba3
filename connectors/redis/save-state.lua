-- In front of the scripts that write incidents. Their layout comes from lay-out-states.ts:
-- KEYS saved incidents, removed incidents, services' open sets
-- ARGV saved:    9 fields each
--      removed:  version each
--      open:     number of arguments, then score, id, …;  closed: number, then id, …;
--      ids:      number, then id, … of the removed
--      services: name, number, score, id, …, number, id, … each
local MAX_UNPACKED = 4000 -- Lua's stack takes about 8000; an even number keeps score and member together
local FIELDS = 9
local key, arg = 0, 0 -- the last ones that have been read

local function fail(command, name, reply)
  error({ 'FAILED', command, name, reply }, 0)
end

local function run(command, name, ...)
  local reply = redis.pcall(command, name, ...)
  if type(reply) == 'table' and reply.err then
    fail(command, name, reply.err)
  end
  return reply
end

local function runWith(command, name, list, from, to)
  for start = from, to, MAX_UNPACKED do
    run(command, name, unpack(list, start, math.min(start + MAX_UNPACKED - 1, to)))
  end
end

-- Runs the command with the list of arguments that comes next: its length, then its elements.
local function runWithList(command, name)
  local from = arg + 2
  arg = arg + 1 + tonumber(ARGV[arg + 1])
  runWith(command, name, ARGV, from, arg)
end

local function saveIncident(name, a)
  return run('HSET', name, 'status', ARGV[a + 1], 'severity', ARGV[a + 2], 'service', ARGV[a + 3],
    'component', ARGV[a + 4], 'summary', ARGV[a + 5], 'openedAt', ARGV[a + 6], 'acknowledgedBy', ARGV[a + 7],
    'version', ARGV[a + 8], 'state', ARGV[a + 9])
end

-- The ids of those that were not there before.
local function saveIncidents(count, idStart)
  local added = {}
  for _ = 1, count do
    key = key + 1
    if saveIncident(KEYS[key], arg) > 0 then
      added[#added + 1] = string.sub(KEYS[key], idStart)
    end
    arg = arg + FIELDS
  end
  return added
end

local function saveServices(count, services)
  for _ = 1, count do
    key, arg = key + 1, arg + 1
    local service = ARGV[arg]
    runWithList('ZADD', KEYS[key])
    runWithList('ZREM', KEYS[key])
    local open = run('ZCARD', KEYS[key])
    if open > 0 then
      run('ZADD', services, open, service)
    else
      run('ZREM', services, service)
    end
  end
end

-- What the script returns: the work's answer, or which command failed.
local function attempt(work)
  local done, answer = pcall(work)
  if done or type(answer) == 'table' and answer[1] then
    return answer
  end
  return { 'FAILED', 'EVALSHA', KEYS[1], type(answer) == 'table' and answer.err or tostring(answer) }
end

