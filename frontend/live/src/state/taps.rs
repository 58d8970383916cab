//! Touches and typing.

use eventify_gate::{Direction, SHORT_CODE, UpdateKind, typed};

use super::door::INCIDENTS;
use super::{Front, Live, Screen};
use crate::effect::Effect;
use crate::event::By;

impl Live {
    pub(super) fn tap(&mut self, act: &str, arg: &str) {
        self.touched = true;
        // Any touch stops the bar of a green screen.
        if let Front::Verdict(verdict) = &mut self.front
            && act == "touch"
        {
            verdict.runs = false;
            return;
        }
        match act {
            "go" => self.go(arg),
            "back" | "next" => self.back(),
            "camera" => {
                self.out.push(Effect::Unlock);
                self.camera_on();
            }
            "flip" => self.out.push(Effect::CameraNext),
            "torch" => {
                self.settings.torch = !self.settings.torch;
                self.out.push(Effect::Torch { on: self.settings.torch });
                self.save_settings();
            }
            "sound" => self.out.push(Effect::Unlock),
            "again" => self.hear_again(),
            "start" => {
                self.out.push(Effect::Unlock);
                self.out.push(Effect::Persist);
                self.screen_is(Screen::Scan);
            }
            "install" => self.out.push(Effect::Install),
            "persist" => self.out.push(Effect::Persist),
            "update" => self.take_over(),
            _ => self.tap_verdict(act, arg),
        }
    }

    fn tap_verdict(&mut self, act: &str, arg: &str) {
        match act {
            "undo" => {
                let nonce = match &self.front {
                    Front::Verdict(verdict) => Some(verdict.nonce.clone()),
                    _ => None,
                };
                self.open_last(nonce.as_deref());
            }
            "open" => {
                self.open = arg.parse().unwrap_or(0);
                self.form = super::Form { reason: super::undo::WHY[0].to_owned(), ..Default::default() };
            }
            "why" => self.form.reason = arg.to_owned(),
            "annul" => self.undo(),
            "supervisor" => self.ask_supervisor(),
            "unused" => self.open_unused(),
            "admit" => self.frame_admit(arg.parse().unwrap_or(1)),
            "leave" => self.frame_leave(),
            "fewer" => self.frame_step(-1),
            "more" => self.frame_step(1),
            "tick" => self.frame_tick(arg),
            "force_reason" => {
                if let Front::Force(forcing) = &mut self.front {
                    forcing.reason = arg.parse().unwrap_or(0).min(super::frame::REASONS.len() - 1);
                }
            }
            "force" => self.force(),
            "found" => {
                let guest = arg.parse().ok().and_then(|at: usize| self.search.found.get(at).cloned());
                if let Some(guest) = guest {
                    self.open_found(&guest);
                }
            }
            _ => self.tap_tool(act, arg),
        }
    }

    fn tap_tool(&mut self, act: &str, arg: &str) {
        match act {
            "letter" if self.typed.chars().count() < SHORT_CODE => self.typed.push_str(arg),
            "delete" => drop(self.typed.pop()),
            "check" => self.check_typed(),
            "find" => self.look_for(),
            "add" => self.add_guest(),
            "door_type" => {
                self.form.ticket_type =
                    self.door_types().into_iter().map(|(id, _)| id).find(|id| id.to_string() == arg);
            }
            "incident" => self.form.kind = INCIDENTS.iter().find(|kind| **kind == arg).copied(),
            "send_incident" => self.send_incident(),
            "quick" => {
                self.report(UpdateKind::Headcount, arg.to_owned());
                self.mention("Sending to the control room");
            }
            "post" => self.post(),
            "pair" => {
                let code = self.form.text.clone();
                self.pair_with(&code);
            }
            "seen" => {
                self.mark_seen();
                self.mention("Marked as seen");
            }
            "seen_moved" => (self.flags.moved, self.flags.event_moved) = (None, None),
            "try" => self.network.try_now(),
            "direction" => self.turn(match self.settings.direction {
                Direction::In => Direction::Out,
                Direction::Out => Direction::In,
            }),
            "in" => self.turn(Direction::In),
            "out" => self.turn(Direction::Out),
            "day" => {
                self.settings.day = !self.settings.day;
                self.out.push(Effect::Theme { day: self.settings.day });
                self.save_settings();
            }
            "unpair" => self.unpair(),
            _ => {}
        }
    }

    fn go(&mut self, to: &str) {
        self.front = Front::Nothing;
        let screen = match to {
            "type" => Screen::Type,
            "search" => Screen::Search,
            "add_guest" => Screen::AddGuest,
            "updates" => Screen::Updates,
            "post" => Screen::Post,
            "incident" => Screen::Incident,
            "queue" => Screen::Queue,
            "last" => return self.open_last(None),
            "gate" => Screen::Gate,
            "promises" => Screen::Promises,
            "pair" => Screen::Pair,
            _ => Screen::Scan,
        };
        self.typed.clear();
        self.search = super::Search::default();
        self.screen_is(screen);
        if self.screen == Screen::Updates {
            self.seen = self.updates.iter().map(|one| one.seq).max().unwrap_or(0).max(self.seen);
            self.save_updates();
            self.fetch_updates();
        }
    }

    fn back(&mut self) {
        match &self.front {
            Front::Nothing => {}
            // The answer comes all the same: it is recorded, and not shown.
            Front::Asking(attempt) if !attempt.is_writing => return self.leave_asking(),
            Front::Asking(_) => return,
            Front::Frame(_) => return self.frame_leave(),
            Front::Verdict(_) | Front::Force(_) => return self.front = Front::Nothing,
        }
        let screen = match self.screen {
            Screen::Post => Screen::Updates,
            Screen::AddGuest => Screen::Search,
            Screen::Pair if self.device.is_none() => return,
            _ => Screen::Scan,
        };
        self.screen_is(screen);
    }

    /// Back to scanning without waiting: the phone's own verdict stands, unseen, if it would admit nobody.
    fn leave_asking(&mut self) {
        let Front::Asking(attempt) = std::mem::take(&mut self.front) else { return };
        self.decide_or_say(*attempt);
    }

    fn hear_again(&mut self) {
        let signal = match &self.front {
            Front::Verdict(verdict) => verdict.card.signal,
            _ => crate::signals::Signal::Look,
        };
        self.signal(signal);
    }

    fn turn(&mut self, direction: Direction) {
        let lets = self.here().is_none_or(|(_, gate)| gate.direction.lets(direction));
        if !lets {
            return self.mention("This gate is for one direction only");
        }
        self.settings.direction = direction;
        self.save_settings();
        self.mention(if direction == Direction::In { "Direction: in" } else { "Direction: out" });
    }

    /// A key on a keyboard, while a short code is typed.
    pub(super) fn type_key(&mut self, key: &str) {
        let mut letters = key.chars();
        match (key, letters.next(), letters.next()) {
            ("Backspace", ..) => drop(self.typed.pop()),
            ("Enter", ..) => self.check_typed(),
            (_, Some(letter), None) if letter.is_ascii_alphanumeric() && self.typed.chars().count() < SHORT_CODE => {
                self.typed.push(letter.to_ascii_uppercase());
            }
            _ => {}
        }
    }

    fn check_typed(&mut self) {
        let code = self.typed.clone();
        if typed(&code).is_none() {
            return self.mention(&format!("A code has {SHORT_CODE} letters and digits"));
        }
        self.typed.clear();
        self.code(&code, By::Typed);
    }

    pub(super) fn input(&mut self, name: &str, value: String) {
        match (name, &mut self.front) {
            ("other", Front::Force(forcing)) => forcing.other = value,
            ("pin", Front::Force(forcing)) => forcing.pin = value.chars().filter(char::is_ascii_digit).collect(),
            ("q", _) => {
                self.search = super::Search { q: value, ..Default::default() };
            }
            ("staff", _) => {
                self.settings.staff = value.chars().take(80).collect();
                self.save_settings();
            }
            ("text", _) => self.form.text = value,
            ("name", _) => self.form.name = value,
            ("seats", _) => self.form.seats = value,
            _ => {}
        }
    }
}
