-- events: what the clocks of a zone do  [003 §2.4]

-- Every change of a zone's clocks from 2010 to 2060, and how they stood in the beginning. PostgreSQL says what a clock
-- shows at one moment only: days are compared first, and those on which it changed by quarters of an hour.
create function time_zone_changes(zone text) returns table (since timestamptz, offset_seconds int, abbreviation text)
language plpgsql set timezone = 'UTC' as $$
declare
    beginning constant timestamptz := '2010-01-01 00:00:00+00';
    ending constant timestamptz := '2060-01-01 00:00:00+00';
    known boolean;
begin
    begin
        -- Until this function returns; only so does to_char say what people call the zone's time.
        perform set_config('timezone', zone, true);
    exception when invalid_parameter_value then
        null;
    end;
    -- Whoever is no name of a zone (an abbreviation that an older version took) has no other word than itself.
    known := current_setting('timezone') = zone;
    return query
    with days as (
        select d.at, d.at at time zone zone - d.at at time zone 'UTC' as away, to_char(d.at, 'TZ') as word
        from generate_series(beginning, ending, interval '24 hours') as d (at)),
    turned as (
        select c.* from (select d.*, lag(d.away) over (order by d.at) as away_before,
                                lag(d.word) over (order by d.at) as word_before from days d) c
        where (c.away, c.word) <> (c.away_before, c.word_before)),
    changes as (
        select beginning as at
        union all
        select (select min(q.at) from generate_series(t.at - interval '24 hours', t.at, interval '15 minutes') as q (at)
                where (q.at at time zone zone - q.at at time zone 'UTC', to_char(q.at, 'TZ'))
                      <> (t.away_before, t.word_before))
        from turned t)
    select c.at, extract(epoch from c.at at time zone zone - c.at at time zone 'UTC')::int,
           case when known then to_char(c.at, 'TZ') else zone end
    from changes c order by c.at;
end $$;

-- Abbreviations and the like were taken for zones (IST is Israel's time to PostgreSQL). Hours that people have seen
-- stay as they are: such a record gets a zone whose clocks show the same then, and the same in winter and in summer where
-- there is one. What a zone is ahead of UTC at present says neither.
do $$
declare
    names constant text[] := array(select name from pg_timezone_names
        where name = 'UTC' or name like '%/%' and name !~ '^(posix|right|SystemV)/');
    winter constant timestamptz := '2026-01-01 00:00:00+00';
    summer constant timestamptz := '2026-07-01 00:00:00+00';
begin
    if exists (select 1 from events where timezone <> all (names))
       or exists (select 1 from venues where timezone <> all (names)) then
        update events e set timezone = coalesce((select n from unnest(names) n
            where e.start_at at time zone n = e.start_at at time zone e.timezone
            order by (winter at time zone n, summer at time zone n)
                         <> (winter at time zone e.timezone, summer at time zone e.timezone),
                     n not like 'Etc/%', n limit 1), 'UTC')
        where timezone <> all (names);
        update venues v set timezone = coalesce((select n from unnest(names) n
            where winter at time zone n = winter at time zone v.timezone
            order by summer at time zone n <> summer at time zone v.timezone, n not like 'Etc/%', n limit 1), 'UTC')
        where timezone <> all (names);
    end if;
end $$;
