"""The papers that lie beside the files: what each column means."""

EVENTS = """\
# Maison Ardoise: a simulated retailer

Everybody here is invented. `events/` holds what happened, one folder a month, in the columns of
Pupitre's lake, sorted by identity and time within each block of people. `truth/` holds what is
true; nothing of it is in the events. Times are UTC, in microseconds, without a zone.

The same arguments give the same bytes, on any number of cores, with the same versions of Pupitre,
NumPy and Arrow.
"""

TRUTH = """\
# The truth

Never feed these files to what they are meant to mark. Times are UTC without a zone; a time that
never comes is empty. `person` is a number from 0. *Business time* runs with the season: a day of it
is a day of average business, see `season`.

## people
| column | meaning |
|---|---|
| person, household | numbers; people of one household share the number of its first person |
| user_id | of the account; empty for people without one |
| first_name, surname, birth_year, town, shop | who they are and which shop they go to |
| kind | `loyal` (NBD), `drifting` (Pareto/NBD), `returning` (NBD with a pause), `one_time` |
| first_purchase_at | when they became a customer; may lie before the simulated time |
| lost_at | when they ceased to be one; empty: never, or not by these models |
| pause_from, pause_to | of those who return |
| purchase_rate | λ: repeat purchases a day of business time, while a customer |
| dropout_rate | μ: of the exponential lifetime, a day; 0 where nobody drops out |
| spend_nu, mean_order_euros | ν of the gamma-gamma model, and p / ν |
| online_share, open_share | how often they buy on line; how often they open an e-mail |
| orders, euros | in the simulated time, before returns |
| alive_at_end | whether they may still buy on the last day |
| future_orders, future_euros | what they do in the 365 days after it |
| expected_future_orders, expected_future_euros | the same in expectation, given their parameters |

## identifiers
Who is who. `kind` is user_id, email, phone, loyalty_card, handle, anonymous_id or order_id.
`shared` ones have several people, one row each: a kiosk, a tablet, a household's address or line.
A mistyped one has what it should have been in `correct_value`. Telephones stand as +33…; events may
write them in other ways. `anonymous_id` also names cards (`card-`), tickets (`ticket-`), cases
(`case-`), mailboxes (`mail-`), telephones (`tel-`) and social accounts (`social-`), as the systems
that send them do.

## device_holders
Who had a device in hand `from` its first event `to` its last. `device` is own, household or kiosk;
a shared one has a row for each stretch of use, and stretches of different people never overlap.

## orders
Every order with its person. `model_euros` is the amount that the spend model drew, `euros` what the
lines came to at catalogue prices. `caused_by` names the campaign without which it would not be.

## assignments
Who was in each campaign, in which group, drawn at random among those who agreed and could be
reached. `expected_*`: orders and euros in the window, in expectation given the person's true
parameters, without and with the campaign. `withdrew_at`: consent withdrawn because of it.

## campaigns
`order_lift` multiplies the purchase rate of the treated by 1 + lift in the window, `basket_lift`
the amount of their orders. `*_each_without` and `*_each_with` are averages over the treated of the
expectations above: their difference is the true average effect. Zero lifts are true nulls; a
negative one does harm.

## consents
Each person, purpose and channel: `given` or refused when asked, withdrawn, given again.

## season
Each day: how busy it is (mean 1 over a calendar year), whether shops are open, public holidays,
sales periods.

## model.json
The arguments and the parameters of the models.

Sources: Schmittlein, Morrison & Colombo (1987), Counting your customers; Ehrenberg (1959), The
pattern of consumer purchases; Fader, Hardie & Lee (2005), RFM and CLV.
"""
