namespace scenarios {}
