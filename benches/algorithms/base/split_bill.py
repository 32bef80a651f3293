"""An amount in cents shared out so that the parts differ by one cent at most and add up."""


def split_bill(cents, people):
    if people < 1:
        raise ValueError("nobody pays")
    share, rest = divmod(cents, people)
    return [share + 1 if index < rest else share for index in range(people)]
